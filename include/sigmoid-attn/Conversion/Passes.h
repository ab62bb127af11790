//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Conversions between dialects.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_CONVERSION_PASSES_H
#define SIGMOID_ATTN_CONVERSION_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::attn {

/// Raises the unfused attention in `root`, which is in linalg on tensors, and
/// returns how many ops that made. Says in remarks what is nearly attention.
unsigned raiseToAttention(Operation *root);

/// Adds upstream's passes from tosa to linalg on tensors to a pass manager of
/// functions.
void addTosaToLinalgPasses(OpPassManager &functionPasses);

/// The attribute of a module that holds the launch recipe of the kernels in it,
/// as text (docs/KernelFile.md), or an array of texts, one a function.
inline constexpr llvm::StringLiteral kRecipeAttrName = "sigmoid_attn.recipe";

#define GEN_PASS_DECL
#include "sigmoid-attn/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "sigmoid-attn/Conversion/Passes.h.inc"

} // namespace mlir::attn

#endif // SIGMOID_ATTN_CONVERSION_PASSES_H
