//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Which operations belong to one kind of machine. LLVM ends the process where
/// it meets an instruction of another one, so compilers ask before they begin.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_MACHINE_H
#define SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_MACHINE_H

namespace mlir {
class Operation;

namespace attn {

/// Whether every CPU computes `op`: it is of no dialect of a machine, calls no
/// machine's intrinsic, and is no inline assembly. Functions that are named
/// like intrinsics, `llvm.*`, are refused whatever they are.
bool isForAnyCPU(Operation *op);

/// Whether `op` is not for another machine than an NVIDIA GPU. Inline assembly
/// is taken for PTX.
bool isForNVIDIA(Operation *op);

} // namespace attn
} // namespace mlir

#endif // SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_MACHINE_H
