//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The named barriers of a block: who uses which.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_NAMEDBARRIERS_H
#define SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_NAMEDBARRIERS_H

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sm90 {

/// Barrier 0 is the block's. From here on, each consumer warpgroup has one for
/// itself.
inline constexpr int64_t kFirstWarpgroupBarrier = 1;
/// From here on, each has one for its turns.
inline constexpr int64_t kFirstTurnBarrier = 8;

/// Whether the threads that meet at `barrier`, in a consumer's program, are those
/// of its warpgroup, or of all consumers.
bool isWarpgroupBarrier(NVVM::BarrierOp barrier, WarpSpecializeOp roles);

/// Lets all threads of consumer warpgroup `warpgroup`, an i32, meet.
void createWarpgroupBarrier(ImplicitLocOpBuilder &builder, Value warpgroup);

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_NAMEDBARRIERS_H
