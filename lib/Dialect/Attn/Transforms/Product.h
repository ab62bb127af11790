//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Recognition of products among linalg operations on buffers.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_ATTN_TRANSFORMS_PRODUCT_H
#define SIGMOID_ATTN_LIB_DIALECT_ATTN_TRANSFORMS_PRODUCT_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <optional>

namespace mlir {
namespace attn {

/// The roles of the loops and operands of a product
/// `result[.., row, .., lane] += broadcast[.., row, depth] * vector[.., depth,
/// lane]`.
struct Product {
  // Interfaces are handles whose methods are not const.
  mutable linalg::LinalgOp op;
  OpOperand *broadcast, *vector, *result;
  unsigned row, lane, depth;
  /// All other loops, outermost first.
  SmallVector<unsigned> outer;
};

/// The roles in `op`, if it is a product of buffers in f32 whose result is
/// contiguous along the lanes.
std::optional<Product> matchProduct(linalg::LinalgOp op);

/// Whether the vector operand of `product` is contiguous along the lanes.
bool isVectorContiguous(const Product &product);

} // namespace attn
} // namespace mlir

#endif // SIGMOID_ATTN_LIB_DIALECT_ATTN_TRANSFORMS_PRODUCT_H
