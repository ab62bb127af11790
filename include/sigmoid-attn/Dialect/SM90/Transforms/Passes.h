//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Passes on the sm90 dialect.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_PASSES_H
#define SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::sm90 {

/// The attribute of a key loop, an OverlapAttr, that says how to overlap it.
inline constexpr llvm::StringLiteral kOverlapAttrName = "sm90.overlap";

#define GEN_PASS_DECL
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_DIALECT_SM90_TRANSFORMS_PASSES_H
