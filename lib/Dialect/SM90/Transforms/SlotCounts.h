//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// How many slots of each ring the producer fills and the consumers take.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_SLOTCOUNTS_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_SLOTCOUNTS_H

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

namespace mlir::sm90 {

/// Reports a ring of which one role provably handles more slots than the other,
/// or of which warpgroups handle different numbers. Counts are compared as sums
/// of terms; what cannot be compared is not reported.
LogicalResult verifySlotCounts(KernelOp kernel);

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_SLOTCOUNTS_H
