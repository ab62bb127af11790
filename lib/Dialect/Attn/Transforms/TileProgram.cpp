//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attention on buffers as a program over tiles: loops around linalg operations
// on small buffers that belong to one iteration of the parallel loops.
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"

#include "sigmoid-attn/Dialect/Attn/Transforms/CPUTarget.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::attn;

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

Value TileBuilder::getRows(Value buffer, Value head, Value first,
                           OpFoldResult count) {
  auto one = OpFoldResult(builder.getIndexAttr(1));
  SmallVector<OpFoldResult> offsets = {batch, head, first,
                                       builder.getIndexAttr(0)};
  SmallVector<OpFoldResult> sizes = {one, one, count, getDepth(buffer)};
  SmallVector<OpFoldResult> strides(4, one);
  SmallVector<int64_t> shape;
  std::tie(shape, std::ignore) = decomposeMixedValues(
      SmallVector<OpFoldResult>{sizes[kLength], sizes[kDepth]});
  auto type = memref::SubViewOp::inferRankReducedResultType(
      shape, cast<MemRefType>(buffer.getType()), offsets, sizes, strides);
  return memref::SubViewOp::create(builder, loc, type, buffer, offsets, sizes,
                                   strides);
}

Value TileBuilder::allocate(OpFoldResult rows, OpFoldResult columns) {
  SmallVector<int64_t> shape;
  SmallVector<Value> sizes;
  std::tie(shape, sizes) =
      decomposeMixedValues(SmallVector<OpFoldResult>{rows, columns});
  return memref::AllocOp::create(
      builder, loc, MemRefType::get(shape, builder.getF32Type()), sizes,
      builder.getI64IntegerAttr(kTileAlignment));
}

Value TileBuilder::getPart(Value tile, OpFoldResult rows,
                           OpFoldResult columns) {
  SmallVector<OpFoldResult> offsets(2, builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(2, builder.getIndexAttr(1));
  return memref::SubViewOp::create(builder, loc, tile, offsets,
                                   ArrayRef<OpFoldResult>{rows, columns},
                                   strides);
}

void TileBuilder::fillZero(Value buffer) {
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(0.0f));
  linalg::FillOp::create(builder, loc, zero, buffer);
}

void TileBuilder::copy(Value from, AffineMap fromMap, Value to,
                       AffineMap toMap) {
  SmallVector<utils::IteratorType> iterators(2, utils::IteratorType::parallel);
  auto type = cast<FloatType>(getElementTypeOrSelf(to.getType()));
  linalg::GenericOp::create(
      builder, loc, from, to, ArrayRef<AffineMap>{fromMap, toMap}, iterators,
      [&](OpBuilder &nested, Location, ValueRange arguments) {
        Value value = arguments[0];
        auto fromType = cast<FloatType>(value.getType());
        if (fromType.getWidth() < type.getWidth())
          value = arith::ExtFOp::create(nested, loc, type, value);
        else if (fromType.getWidth() > type.getWidth())
          value = arith::TruncFOp::create(nested, loc, type, value);
        linalg::YieldOp::create(nested, loc, value);
      });
}

Value TileBuilder::packLanes(Value lanesByDepth) {
  OpFoldResult depth = getMixedSize(builder, loc, lanesByDepth, 1);
  Value packed = allocate(depth, builder.getIndexAttr(kLaneTile));
  Value isPartial = arith::CmpIOp::create(
      builder, loc, arith::CmpIPredicate::slt, laneCount, index(kLaneTile));
  auto branch = scf::IfOp::create(builder, loc, isPartial,
                                  /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    fillZero(packed);
  }
  copy(lanesByDepth, getMap(2, {1, 0}), getPart(packed, depth, laneCount),
       getMap(2, {0, 1}));
  return packed;
}

void TileBuilder::unpackLanes(Value packed, Value lanesByDepth) {
  OpFoldResult depth = getMixedSize(builder, loc, lanesByDepth, 1);
  copy(getPart(packed, depth, laneCount), getMap(2, {1, 0}), lanesByDepth,
       getMap(2, {0, 1}));
}

Value TileBuilder::convertRows(Value rows, Value buffer) {
  if (!buffer)
    return rows;
  Value part = getPart(buffer, getMixedSize(builder, loc, rows, 0),
                       getMixedSize(builder, loc, rows, 1));
  copy(rows, getMap(2, {0, 1}), part, getMap(2, {0, 1}));
  return part;
}

void TileBuilder::contract(Value first, AffineMap firstMap, Value second,
                           Value result) {
  utils::IteratorType iterators[] = {utils::IteratorType::parallel,
                                     utils::IteratorType::parallel,
                                     utils::IteratorType::reduction};
  linalg::GenericOp::create(
      builder, loc, ValueRange{first, second}, result,
      ArrayRef<AffineMap>{firstMap, getMap(3, {2, 1}), getMap(3, {0, 1})},
      iterators, [&](OpBuilder &nested, Location, ValueRange arguments) {
        Value product =
            arith::MulFOp::create(nested, loc, arguments[0], arguments[1]);
        Value sum = arith::AddFOp::create(nested, loc, arguments[2], product);
        linalg::YieldOp::create(nested, loc, sum);
      });
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

KeyRange TileBuilder::getVisibleRows(bool toAll) {
  Value rowInput = plan.rowInputs[0];
  OpFoldResult rowCount = getMixedSize(builder, loc, rowInput, kLength);
  MaskAttr mask = op.getMaskAttr();
  if (!mask)
    return {builder.getIndexAttr(0), rowCount};
  // Counted from this op's own first query and key, the diagonal shifts.
  Origin origin = op.getMixedOrigin(builder, loc);
  AffineExpr diagonal, query, key;
  bindSymbols(builder.getContext(), diagonal, query, key);
  AffineExpr shift = diagonal + query - key;
  // Seen from a key, the band of queries is the band's mirror image.
  if (!plan.lanesAreQueries) {
    mask = MaskAttr::get(builder.getContext(), mask.getRight(), mask.getLeft());
    shift = -shift;
  }
  OpFoldResult local = affine::makeComposedFoldedAffineApply(
      builder, loc, shift, {origin.diagonal, origin.query, origin.key});
  AffineExpr first, count;
  bindDims(builder.getContext(), first, count);
  OpFoldResult end = affine::makeComposedFoldedAffineApply(
      builder, loc, first + count, {firstLane, laneCount});
  auto get = toAll ? getKeysVisibleToAll : getKeysVisibleToAny;
  return get(builder, loc, mask, firstLane, end, local, rowCount);
}

ScorePosition TileBuilder::getPosition(OpBuilder &nested, Value rowHead,
                                       Value firstRow) {
  Value row = linalg::IndexOp::create(nested, loc, 0);
  Value lane = linalg::IndexOp::create(nested, loc, 1);
  // Lanes beyond the last one compute what the last one does, so that a score
  // region never reads beyond what it captured.
  Value one = arith::ConstantIndexOp::create(nested, loc, 1);
  Value last = arith::SubIOp::create(nested, loc, laneCount, one);
  lane = arith::MinSIOp::create(nested, loc, lane, last);
  row = arith::AddIOp::create(nested, loc, firstRow, row);
  lane = arith::AddIOp::create(nested, loc, firstLane, lane);
  if (plan.lanesAreQueries)
    return getGlobalPosition(nested, loc, op, {batch, laneHead, lane, row});
  return getGlobalPosition(nested, loc, op, {batch, rowHead, row, lane});
}

void TileBuilder::buildWeights(ArrayRef<Value> tiles, Value rowHead,
                               Value firstRow, bool isMasked) {
  WeightBuilder weights(builder, loc, op, isMasked);
  SmallVector<AffineMap> maps(tiles.size(), getMap(2, {0, 1}));
  SmallVector<utils::IteratorType> iterators(2, utils::IteratorType::parallel);
  linalg::GenericOp::create(
      builder, loc, ValueRange(), tiles, maps, iterators,
      [&](OpBuilder &nested, Location, ValueRange arguments) {
        ScorePosition position = getPosition(nested, rowHead, firstRow);
        if (!plan.isBackward()) {
          Value weight = weights.buildWeight(nested, arguments[0], position);
          linalg::YieldOp::create(nested, loc, weight);
          return;
        }
        auto [weight, gradient] = weights.buildWeightAndGradient(
            nested, arguments[0], arguments[1], position);
        linalg::YieldOp::create(nested, loc, ValueRange{weight, gradient});
      });
}

void TileBuilder::buildWeights(ArrayRef<Value> tiles, Value rowHead,
                               Value firstRow, Value rowCount) {
  MaskAttr mask = op.getMaskAttr();
  if (!mask || mask.isUnbounded())
    return buildWeights(tiles, rowHead, firstRow, /*isMasked=*/false);
  // Only a tile that the band's edge crosses needs the mask.
  KeyRange seenByAll = getVisibleRows(/*toAll=*/true);
  Value begin = materialize(seenByAll.begin), end = materialize(seenByAll.end);
  Value rowEnd = arith::AddIOp::create(builder, loc, firstRow, rowCount);
  Value isAfterBegin = arith::CmpIOp::create(
      builder, loc, arith::CmpIPredicate::sge, firstRow, begin);
  Value isBeforeEnd = arith::CmpIOp::create(
      builder, loc, arith::CmpIPredicate::sle, rowEnd, end);
  Value isInside =
      arith::AndIOp::create(builder, loc, isAfterBegin, isBeforeEnd);
  auto branch =
      scf::IfOp::create(builder, loc, isInside, /*withElseRegion=*/true);
  for (bool isMasked : {false, true}) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(isMasked ? branch.elseBlock()
                                              : branch.thenBlock());
    buildWeights(tiles, rowHead, firstRow, isMasked);
  }
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void TileBuilder::buildRows(Value rowHead, Value firstRow, Value rowCount) {
  SmallVector<Value> rows, tiles;
  for (auto [input, buffer] : llvm::zip_equal(plan.rowInputs, rowBuffers))
    rows.push_back(
        convertRows(getRows(input, rowHead, firstRow, rowCount), buffer));
  for (auto [number, tile] : llvm::enumerate(scores)) {
    tiles.push_back(getPart(tile, rowCount, builder.getIndexAttr(kLaneTile)));
    fillZero(tiles.back());
    contract(rows[number], getMap(3, {0, 2}), lanes[number], tiles.back());
  }
  buildWeights(tiles, rowHead, firstRow, rowCount);
  for (auto [sum, accumulator] : llvm::zip_equal(plan.sums, accumulators))
    contract(rows[sum.input], getMap(3, {2, 0}), tiles[sum.byGradient],
             accumulator);
}

void TileBuilder::buildRowLoop(Value rowHead) {
  KeyRange visible = getVisibleRows(/*toAll=*/false);
  Value end = materialize(visible.end);
  buildLoop(materialize(visible.begin), end, index(kRowTile),
            [&](Value firstRow) {
              Value left = arith::SubIOp::create(builder, loc, end, firstRow);
              buildRows(rowHead, firstRow, getMin(left, index(kRowTile)));
            });
}

void TileBuilder::allocateTiles() {
  OpFoldResult rowTile = builder.getIndexAttr(kRowTile);
  OpFoldResult laneTile = builder.getIndexAttr(kLaneTile);
  for (Value input : plan.laneInputs) {
    lanes.push_back(packLanes(getRows(input, laneHead, firstLane, laneCount)));
    scores.push_back(allocate(rowTile, laneTile));
  }
  for (Value input : plan.rowInputs)
    rowBuffers.push_back(getElementTypeOrSelf(input.getType()).isF32()
                             ? Value()
                             : allocate(rowTile, getDepth(input)));
  for (const TileSum &sum : plan.sums) {
    accumulators.push_back(
        allocate(getDepth(plan.rowInputs[sum.input]), laneTile));
    fillZero(accumulators.back());
  }
}

void TileBuilder::build(Value tileBatch, Value head, Value first) {
  batch = tileBatch;
  laneHead = head;
  firstLane = first;
  Value left = arith::SubIOp::create(builder, loc, materialize(getLaneCount()),
                                     firstLane);
  laneCount = getMin(left, index(kLaneTile));
  allocateTiles();

  Value groupSize = materialize(op.getMixedGroupSize(builder, loc));
  if (plan.lanesAreQueries) {
    buildRowLoop(arith::DivUIOp::create(builder, loc, laneHead, groupSize));
  } else {
    Value begin = arith::MulIOp::create(builder, loc, laneHead, groupSize);
    Value end = arith::AddIOp::create(builder, loc, begin, groupSize);
    buildLoop(begin, end, index(1),
              [&](Value rowHead) { buildRowLoop(rowHead); });
  }

  for (auto [sum, accumulator] : llvm::zip_equal(plan.sums, accumulators))
    unpackLanes(accumulator,
                getRows(sum.output, laneHead, firstLane, laneCount));
  for (ArrayRef<Value> buffers : {ArrayRef(lanes), ArrayRef(rowBuffers),
                                  ArrayRef(accumulators), ArrayRef(scores)})
    for (Value buffer : buffers)
      if (buffer)
        memref::DeallocOp::create(builder, loc, buffer);
}

Value attn::balanceTiles(OpBuilder &builder, Location loc, Value position,
                         Value size, int64_t step) {
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value number = arith::DivUIOp::create(builder, loc, position, index(step));
  Value half = arith::DivUIOp::create(builder, loc, number, index(2));
  Value parity = arith::RemUIOp::create(builder, loc, number, index(2));
  Value isEven = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                       parity, index(0));
  Value count = arith::CeilDivUIOp::create(builder, loc, size, index(step));
  Value last = arith::SubIOp::create(builder, loc, count, index(1));
  Value fromEnd = arith::SubIOp::create(builder, loc, last, half);
  Value taken = arith::SelectOp::create(builder, loc, isEven, half, fromEnd);
  return arith::MulIOp::create(builder, loc, taken, index(step));
}

void attn::buildTileProgram(OpBuilder &builder, AttentionOpInterface op,
                            const TilePlan &plan, bool isParallel) {
  Location loc = op.getLoc();
  OpBuilder::InsertionGuard guard(builder);
  OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
  SmallVector<OpFoldResult> begins(3, zero);
  SmallVector<OpFoldResult> ends;
  for (unsigned dim : {kBatch, kHead, kLength})
    ends.push_back(getMixedSize(builder, loc, plan.laneInputs[0], dim));
  SmallVector<OpFoldResult> steps = {one, one, builder.getIndexAttr(kLaneTile)};
  SmallVector<Value> position;
  if (isParallel) {
    auto loop = scf::ForallOp::create(builder, loc, begins, ends, steps,
                                      ValueRange(), std::nullopt);
    position = loop.getInductionVars();
    builder.setInsertionPointToStart(loop.getBody());
    if (op.getMaskAttr())
      position[kLength] = balanceTiles(
          builder, loc, position[kLength],
          getValueOrCreateConstantIndexOp(builder, loc, ends[kLength]),
          kLaneTile);
  } else {
    for (auto [begin, end, step] : llvm::zip_equal(begins, ends, steps)) {
      auto loop = scf::ForOp::create(
          builder, loc, getValueOrCreateConstantIndexOp(builder, loc, begin),
          getValueOrCreateConstantIndexOp(builder, loc, end),
          getValueOrCreateConstantIndexOp(builder, loc, step));
      position.push_back(loop.getInductionVar());
      builder.setInsertionPointToStart(loop.getBody());
    }
  }
  TileBuilder(builder, op, plan).build(position[0], position[1], position[2]);
}
