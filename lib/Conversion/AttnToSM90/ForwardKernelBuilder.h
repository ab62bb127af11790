//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The class that writes the forward kernel. Its prologue, launch and loops
/// over tiles are in ForwardKernel.cpp, one tile is in ForwardTile.cpp.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_FORWARDKERNELBUILDER_H
#define SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_FORWARDKERNELBUILDER_H

#include "KernelInterface.h"
#include "WeightMap.h"

#include "sigmoid-attn/Dialect/Attn/Transforms/KernelPlan.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::attn {

/// Positions in the query, key and value rings, and in the ring of tile numbers
/// of a dynamic grid (null with a static one).
struct Cursors {
  Value query, key, value, message;
};

/// Tiles of keys that one warpgroup's rows see, and those that all of its rows
/// see to the last key. Ranges without bounds are those of the whole tile.
struct WarpgroupRanges {
  KeyRange seen, full;
};

/// Builds one kernel; its functions append to the program in the order in which
/// a tile needs them.
class ForwardKernelBuilder {
public:
  ForwardKernelBuilder(OpBuilder &builder, SigmoidAttentionOp op,
                       const KernelShape &shape, const FunctionNames &names,
                       StringRef name, ScheduleAttr schedule,
                       sm90::SigmoidForm form)
      : op(op), schedule(schedule), shape(shape), names(names),
        kernel(builder, op.getLoc(), name, names),
        b(op.getLoc(), builder.getContext()), i32(b) {
    formula.op = cast<AttentionOpInterface>(op.getOperation());
    formula.form = form;
  }

  /// Makes the kernel, and returns its launch.
  FailureOr<sigmoid_attn::RecipeLaunch> build();

private:
  void createParameters();
  LogicalResult createFormula(HostValues &host);
  LogicalResult createOrigin(HostValues &host);
  void createRings();
  LogicalResult createStaticLoop(HostValues &host);
  LogicalResult createDynamicLoop(HostValues &host);
  /// One query tile; moves the cursors.
  LogicalResult createTile(HostValues &host, Value number, Cursors &cursors);
  /// The sum over the tiles of keys in the range; moves the key and value
  /// cursors.
  FailureOr<Value> createKeyLoop(HostValues &host, const TilePosition &tile,
                                 KeyRange range, Value queries,
                                 Cursors &cursors);
  /// One tile of keys, as the body of the loop: yields what it carries.
  LogicalResult createKeyStep(HostValues &host, const TilePosition &tile,
                              Value queries, const WarpgroupRanges &ranges,
                              scf::ForOp loop);
  FailureOr<Value> createWeights(HostValues &host, const TilePosition &tile,
                                 Value products, Value column, Value step,
                                 const WarpgroupRanges &ranges);
  /// What of a tile's keys the warpgroup's rows from `row` on see.
  WarpgroupRanges getRanges(Value row);
  /// `inside` where the step is in the range, `outside` elsewhere: they write
  /// fragments of weights.
  FailureOr<Value> choose(Value step, const KeyRange &range,
                          llvm::function_ref<FailureOr<Value>()> inside,
                          llvm::function_ref<FailureOr<Value>()> outside);
  /// Stores the output through the queries' tile, or, where there is one, the
  /// output's own, which copies may read until waitForCopies(0).
  void storeOutput(const TilePosition &tile, Value queryTile, Value output);
  /// Stores the output's columns from `first` on through those of `staging`, a
  /// tile, from `place` on. The leader then knows that all copies but the last
  /// `inFlight` have read theirs; the others know at their next barrier.
  void storeColumns(const TilePosition &tile, Value staging, Value columns,
                    int64_t first, int64_t place, int64_t inFlight);
  /// Waits until all copies that this thread has started, but the last
  /// `inFlight`, have read their memory.
  void waitForCopies(int64_t inFlight);
  sigmoid_attn::RecipeLaunch createLaunch();

  sm90::TileType getTile(int64_t rows, int64_t columns) {
    return sm90::TileType::get(rows, columns, elementType());
  }
  /// Part of a tile that is `boxRows` high.
  sm90::TileType getSlice(int64_t rows, int64_t columns, int64_t boxRows) {
    return sm90::TileType::get(b.getContext(), rows, columns, elementType(),
                               boxRows);
  }
  Type elementType() {
    return cast<ShapedType>(op.getQuery().getType()).getElementType();
  }
  sm90::FragmentType getScoreType() {
    return sm90::FragmentType::get(target::kWgmmaRows, schedule.getKeyTile(),
                                   b.getF32Type());
  }
  sm90::FragmentType getOutputType() {
    return sm90::FragmentType::get(target::kWgmmaRows, valueColumns(),
                                   b.getF32Type());
  }
  /// Columns that the products compute: whole steps of wgmma.
  int64_t headColumns() {
    return llvm::alignTo(shape.headDim, target::kWgmmaKeys);
  }
  int64_t valueColumns() {
    return llvm::alignTo(shape.valueHeadDim, target::kWgmmaKeys);
  }
  /// Queries that a cluster works on side by side.
  int64_t clusterQueries() {
    return schedule.getCluster() * schedule.getQueryTile();
  }
  bool isMasked() { return static_cast<bool>(op.getMaskAttr()); }
  /// Whether a warpgroup stops at the last key that its own rows see. With
  /// turns all take as many steps; without the next tile's queries there is
  /// nothing for it to go on with.
  bool stopsAlone() {
    return isMasked() && schedule.getConsumers() > 1 &&
           schedule.getQueryStages() > 1 && !schedule.getPingPong();
  }
  bool isDynamic() { return schedule.getGrid() == GridOrder::Dynamic; }

  /// The first query of the block's part of a cluster's tile.
  Value firstRow(const TilePosition &tile) {
    if (!rank)
      return tile.query;
    return i32.add(tile.query, i32.mul(rank, schedule.getQueryTile()));
  }
  /// The position before a ring's first slot is used.
  Value startOf(Value ring);
  /// Loads the tile at `row` of a head into the ring's next slot, and waits for
  /// it.
  Value loadTile(Value ring, Value cursor, Value map, Value batch, Value head,
                 Value row, sm90::TileType type);
  /// Issues a product, and waits for it.
  Value multiply(Value a, Value tile, Value init, bool transpose);

  SigmoidAttentionOp op;
  ScheduleAttr schedule;
  KernelShape shape;
  const FunctionNames &names;
  KernelInterface kernel;
  ImplicitLocOpBuilder b;
  Int32Builder i32;

  WeightFormula formula;
  Value queryMap, keyMap, valueMap, outputMap, counter;
  Value queryRing, keyRing, valueRing, messageRing, outputTile;
  /// The first tile's number and the distance to the next, of a block or of a
  /// cluster; the block's number in its cluster, if it is not alone.
  Value first, step, rank;
  Value warpgroup;
  /// The first row of a warpgroup in its block's tile, and in the cluster's.
  Value warpgroupRow, outputRow;
};

} // namespace mlir::attn

#endif // SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_FORWARDKERNELBUILDER_H
