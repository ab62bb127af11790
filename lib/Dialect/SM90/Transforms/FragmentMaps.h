//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Ops over fragments, as several passes write them.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_FRAGMENTMAPS_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_FRAGMENTMAPS_H

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sm90 {

/// 2^x, approximately, in the unit for such functions.
inline constexpr llvm::StringLiteral kPowerIntrinsic =
    "llvm.nvvm.ex2.approx.ftz.f";

/// The result of an LLVM intrinsic, of the type of its first operand.
Value callIntrinsic(OpBuilder &builder, Location loc, StringRef name,
                    ValueRange operands);

/// A map of every element of `input`, one or a pair of them, which come to
/// `create` as `element`.
Value createMap(ImplicitLocOpBuilder &builder, Value input, Type element,
                function_ref<Value(OpBuilder &, Location, Value)> create);

/// The bits of the larger of `largest`, in bits, and a thread's largest of
/// `powers`. None is negative, so they compare as integers do, of which one
/// instruction takes the largest of three.
Value createLargest(ImplicitLocOpBuilder &builder, Value powers, Value largest);

/// Whether `loop` sums up, in f32, fragments of `columns` columns or more.
/// (Those of other types are weights that it carries.)
bool sumsColumns(scf::ForOp loop, int64_t columns);

/// Keeps ptxas from moving instructions across this place.
void createFence(ImplicitLocOpBuilder &builder);

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_FRAGMENTMAPS_H
