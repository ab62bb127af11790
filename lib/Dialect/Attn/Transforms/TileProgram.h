//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Attention on buffers as a program over tiles: what `attn-fuse-attention`
/// builds.
///
/// A tile has *lanes*, along which vectors run, and *rows*, over which sums
/// run. For the output and the query gradient, lanes are queries and rows are
/// keys; for the key and value gradients it is the other way around. Either
/// way, the scores of a tile stand as rows x lanes, with lanes contiguous, and
/// an accumulator as depth x lanes.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_ATTN_TRANSFORMS_TILEPROGRAM_H
#define SIGMOID_ATTN_LIB_DIALECT_ATTN_TRANSFORMS_TILEPROGRAM_H

#include "sigmoid-attn/Dialect/Attn/IR/AttnWeights.h"

#include "mlir/IR/Builders.h"

namespace mlir {
namespace attn {

/// A sum over rows: `output[lane, :] += weight[row, lane] * input[row, :]`.
struct TileSum {
  /// Position of the input in `TilePlan::rowInputs`.
  unsigned input;
  /// Whether the weights are the gradients of the scores rather than `P`.
  bool byGradient;
  /// The 4-D buffer that the lanes are written to.
  Value output;
};

/// What a program computes for each tile of lanes.
struct TilePlan {
  bool lanesAreQueries;
  /// 4-D buffers. The dot products are of input `n` of the lanes with input `n`
  /// of the rows: the first is the score's, the second is `dP`.
  SmallVector<Value> laneInputs, rowInputs;
  SmallVector<TileSum> sums;

  bool isBackward() const { return laneInputs.size() == 2; }
};

/// Builds, at `builder`, the loops over all tiles of `op`, an op on buffers,
/// that `plan` says. They are parallel if `isParallel`.
void buildTileProgram(OpBuilder &builder, AttentionOpInterface op,
                      const TilePlan &plan, bool isParallel);

/// Reorders tiles of a band so that every run of consecutive iterations has
/// about as much to do: iteration 0 takes the first tile, 1 the last, 2 the
/// second, and so on. `position` is the loop's value, a multiple of `step`
/// below `size`; returns where the tile begins that the iteration should take.
Value balanceTiles(OpBuilder &builder, Location loc, Value position, Value size,
                   int64_t step);

} // namespace attn
} // namespace mlir

#endif // SIGMOID_ATTN_LIB_DIALECT_ATTN_TRANSFORMS_TILEPROGRAM_H
