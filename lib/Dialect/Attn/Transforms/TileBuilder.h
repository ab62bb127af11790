//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Builds what a program over tiles does for one tile of lanes.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_ATTN_TRANSFORMS_TILEBUILDER_H
#define SIGMOID_ATTN_LIB_DIALECT_ATTN_TRANSFORMS_TILEBUILDER_H

#include "TileProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir {
namespace attn {

/// Builds the part of a program that one tile of lanes is.
class TileBuilder {
public:
  TileBuilder(OpBuilder &builder, AttentionOpInterface op, const TilePlan &plan)
      : builder(builder), loc(op.getLoc()), op(op), plan(plan) {}

  /// Builds the computation of the lanes from `firstLane` on, of one head of
  /// the lane inputs.
  void build(Value batch, Value laneHead, Value firstLane);

private:
  /// Number of lanes of a head.
  OpFoldResult getLaneCount() {
    return getMixedSize(builder, loc, plan.laneInputs[0], kLength);
  }
  /// The two-dimensional view of `count` rows of a 4-D buffer.
  Value getRows(Value buffer, Value head, Value first, OpFoldResult count);
  /// A new buffer of rows x columns floats.
  Value allocate(OpFoldResult rows, OpFoldResult columns);
  /// The first `rows` rows and `columns` columns of a tile.
  Value getPart(Value tile, OpFoldResult rows, OpFoldResult columns);
  /// Depth x lanes in f32, zero beyond the last lane, from lanes x depth.
  Value packLanes(Value lanes);
  /// Writes depth x lanes in f32 to lanes x depth, rounded.
  void unpackLanes(Value packed, Value lanes);
  /// `rows`, or, if those are not f32, a converted copy in `buffer`.
  Value convertRows(Value rows, Value buffer);
  /// An elementwise op with the given maps to two loops.
  void copy(Value from, AffineMap fromMap, Value to, AffineMap toMap);
  /// `result[m, n] += sum_k first * second`: `firstMap` is (m, n, k) to the
  /// place in `first`, and `second` is at [k, n].
  void contract(Value first, AffineMap firstMap, Value second, Value result);
  void fillZero(Value buffer);
  /// The loop over rows of head `rowHead`.
  void buildRowLoop(Value rowHead);
  /// The computation of `rowCount` rows from `firstRow` on.
  void buildRows(Value rowHead, Value firstRow, Value rowCount);
  /// Turns the dot products of `rowCount` rows into weights, in place.
  void buildWeights(ArrayRef<Value> scores, Value rowHead, Value firstRow,
                    Value rowCount);
  /// The same, without a mask if `isMasked` is false.
  void buildWeights(ArrayRef<Value> scores, Value rowHead, Value firstRow,
                    bool isMasked);
  /// The global position of an element of the scores.
  ScorePosition getPosition(OpBuilder &nested, Value rowHead, Value firstRow);
  /// Rows that any or all of the `count` lanes from `first` on see.
  KeyRange getVisibleRows(bool toAll);

  /// Allocates the buffers of the tile, packs its lanes, clears its sums.
  void allocateTiles();
  void buildLoop(Value begin, Value end, Value step,
                 function_ref<void(Value)> body) {
    auto loop = scf::ForOp::create(builder, loc, begin, end, step);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value materialize(OpFoldResult size) {
    return getValueOrCreateConstantIndexOp(builder, loc, size);
  }
  Value getMin(Value a, Value b) {
    return arith::MinSIOp::create(builder, loc, a, b);
  }
  AffineMap getMap(unsigned dims, ArrayRef<unsigned> results) {
    SmallVector<AffineExpr> expressions;
    for (unsigned result : results)
      expressions.push_back(builder.getAffineDimExpr(result));
    return AffineMap::get(dims, 0, expressions, builder.getContext());
  }
  OpFoldResult getDepth(Value buffer) {
    return getMixedSize(builder, loc, buffer, kDepth);
  }

  OpBuilder &builder;
  Location loc;
  AttentionOpInterface op;
  const TilePlan &plan;

  // State of the tile that is being built.
  Value batch, laneHead, firstLane, laneCount;
  SmallVector<Value> lanes, rowBuffers, accumulators, scores;
};

} // namespace attn
} // namespace mlir

#endif // SIGMOID_ATTN_LIB_DIALECT_ATTN_TRANSFORMS_TILEBUILDER_H
