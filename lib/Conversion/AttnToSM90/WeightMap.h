//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// From a fragment of products q.k to one of weights: scale, bias, score
/// region, mask and sigmoid.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_WEIGHTMAP_H
#define SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_WEIGHTMAP_H

#include "HostValues.h"
#include "TilePosition.h"

namespace mlir::attn {

/// What weights are computed from, besides the products.
struct WeightFormula {
  AttentionOpInterface op;
  sm90::SigmoidForm form;
  /// In the kernel; bias is null where it is 0.
  Value scale, bias;
  ProblemSizes sizes;
  /// In the kernel, as indices: where the whole problem has the first batch,
  /// query head, query and key. Empty without an origin.
  SmallVector<Value, 4> origin;

  /// Whether keys past the last one must not be seen: zeros in the tile make
  /// the score region's result there unknown, and it may load by key.
  bool hidesTail() { return op.hasScore(); }
  /// Whether some tiles need more work than others.
  bool hasPartialTiles() { return op.dependsOnPosition(); }
};

/// The weights of `products`, whose first row and column are query `row` and
/// key `column`. With `partial`, weights outside the mask and past the last
/// key are 0; without, every row must see every column.
FailureOr<Value> buildWeights(ImplicitLocOpBuilder &builder,
                              WeightFormula formula, HostValues &host,
                              const TilePosition &tile, Value products,
                              Value row, Value column, bool partial);

} // namespace mlir::attn

#endif // SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_WEIGHTMAP_H
