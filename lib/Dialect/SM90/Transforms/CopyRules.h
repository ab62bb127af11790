//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The rules of copies out of tiles that belong to no ring.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_COPYRULES_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_COPYRULES_H

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

namespace mlir::sm90 {

/// Checks that no part of an `sm90.alloc_tile` is overwritten, and the
/// consumers do not end, while an `sm90.tma_store` may still read it.
LogicalResult verifyCopies(WarpSpecializeOp roles);

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_COPYRULES_H
