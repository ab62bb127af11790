//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The rule that tiles and fragments share when an op takes some columns.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_IR_COLUMNRANGE_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_IR_COLUMNRANGE_H

#include "mlir/IR/Operation.h"

namespace mlir::sm90 {

/// Refuses columns `col` to `col + cols` that do not start at a multiple of 8,
/// or that reach beyond the `sourceCols` of the op's source.
inline LogicalResult verifyColumns(Operation *op, int64_t col, int64_t cols,
                                   int64_t sourceCols) {
  if (col < 0 || col % 8 != 0)
    return op->emitOpError("expected the column to be a multiple of 8, got ")
           << col;
  if (col + cols > sourceCols)
    return op->emitOpError("columns ")
           << col << " to " << col + cols << " exceed the " << sourceCols
           << " of the source";
  return success();
}

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_IR_COLUMNRANGE_H
