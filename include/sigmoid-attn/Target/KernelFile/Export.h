//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// From IR to kernel files: takes what the GPU pipeline leaves, a module with
/// device code and a launch recipe, out of MLIR.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_TARGET_KERNELFILE_EXPORT_H
#define SIGMOID_ATTN_TARGET_KERNELFILE_EXPORT_H

#include "sigmoid-attn/Runtime/KernelFile.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::attn {

/// The module's attribute that holds the recipe's text, or an array of texts,
/// one a function.
constexpr char kRecipeAttrName[] = "sigmoid_attn.recipe";

/// The kernel file of a module: its recipe attribute, and the objects of its
/// one gpu.binary, assembly as PTX, binary or fatbin as machine code.
sigmoid_attn::Result<sigmoid_attn::KernelFile>
exportKernelFile(ModuleOp module);

} // namespace mlir::attn

#endif // SIGMOID_ATTN_TARGET_KERNELFILE_EXPORT_H
