//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One query tile of the forward kernel: its loop over tiles of keys, and the
// store of its output.
//
//===----------------------------------------------------------------------===//

#include "ForwardKernelBuilder.h"

#include "sigmoid-attn/Dialect/SM90/Transforms/NamedBarriers.h"
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::attn;

Value ForwardKernelBuilder::loadTile(Value ring, Value cursor, Value map,
                                     Value batch, Value head, Value row,
                                     sm90::TileType type) {
  auto slot = sm90::ReserveOp::create(b, TypeRange(type), ring, cursor);
  sm90::TmaLoadOp::create(b, map, ValueRange{batch, head, row, i32.constant(0)},
                          slot.getTiles()[0], ring, cursor,
                          /*cache_policy=*/IntegerAttr());
  return sm90::WaitOp::create(b, type, ring, cursor, /*ready=*/Value(),
                              /*peek=*/false)
      .getPayload()[0];
}

Value ForwardKernelBuilder::multiply(Value a, Value tile, Value init,
                                     bool transpose) {
  auto tileType = cast<sm90::TileType>(tile.getType());
  auto type = sm90::PendingType::get(
      b.getContext(), target::kWgmmaRows,
      transpose ? tileType.getRows() : tileType.getCols(), b.getF32Type());
  Value pending = sm90::WgmmaOp::create(b, type, a, tile, init,
                                        /*transpose_a=*/false, transpose);
  sm90::CommitOp::create(b);
  SmallVector<Value, 1> keep;
  if (isa<sm90::FragmentType>(a.getType()))
    keep.push_back(a);
  return sm90::AwaitOp::create(b, ValueRange(pending), keep).getFragments()[0];
}

LogicalResult ForwardKernelBuilder::createTile(HostValues &host, Value number,
                                               Cursors &cursors) {
  int64_t queryTile = schedule.getQueryTile();
  int64_t queries = clusterQueries();
  TilePosition tile =
      isMasked() ? getLongestFirstPosition(b, formula.sizes, number, queries)
                 : getTilePosition(b, formula.sizes, number, queries);
  auto type = getTile(queryTile, shape.getPaddedHeadDim());
  Value queryTileValue = loadTile(queryRing, cursors.query, queryMap,
                                  tile.batch, tile.head, firstRow(tile), type);
  Value mine = sm90::SliceOp::create(
      b, getSlice(target::kWgmmaRows, headColumns(), queryTile), queryTileValue,
      warpgroupRow, 0);
  // The blocks of a cluster step through the keys of all its queries together.
  KeyRange range = getSeenRange(b, formula.sizes, op.getMaskAttr(), tile.query,
                                queries, schedule.getKeyTile());
  FailureOr<Value> output = createKeyLoop(host, tile, range, mine, cursors);
  if (failed(output))
    return failure();
  storeOutput(tile, queryTileValue, *output);
  sm90::ReleaseOp::create(b, queryRing, cursors.query);
  cursors.query = sm90::AdvanceOp::create(b, cursors.query);
  return success();
}

LogicalResult ForwardKernelBuilder::createKeyStep(HostValues &host,
                                                  const TilePosition &tile,
                                                  Value queries,
                                                  const WarpgroupRanges &ranges,
                                                  scf::ForOp loop) {
  int64_t keyTile = schedule.getKeyTile();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value keyCursor = loop.getRegionIterArg(1);
  Value valueCursor = loop.getRegionIterArg(2);
  Value step = loop.getInductionVar();
  Value column = i32.mul(step, keyTile);
  auto keyType = getTile(keyTile, shape.getPaddedHeadDim());
  Value keys = loadTile(keyRing, keyCursor, keyMap, tile.batch, tile.keyHead,
                        column, keyType);
  keys = sm90::SliceOp::create(b, getTile(keyTile, headColumns()), keys,
                               i32.constant(0), 0);
  Value products = multiply(queries, keys, {}, /*transpose=*/true);
  sm90::ReleaseOp::create(b, keyRing, keyCursor);
  FailureOr<Value> weights =
      createWeights(host, tile, products, column, step, ranges);
  if (failed(weights))
    return failure();
  Value rounded = sm90::ConvertOp::create(
      b, sm90::FragmentType::get(target::kWgmmaRows, keyTile, elementType()),
      *weights);
  auto valueType = getTile(keyTile, shape.getPaddedValueHeadDim());
  Value values = loadTile(valueRing, valueCursor, valueMap, tile.batch,
                          tile.keyHead, column, valueType);
  values = sm90::SliceOp::create(b, getTile(keyTile, valueColumns()), values,
                                 i32.constant(0), 0);
  Value output = multiply(rounded, values, loop.getRegionIterArg(0),
                          /*transpose=*/false);
  sm90::ReleaseOp::create(b, valueRing, valueCursor);
  scf::YieldOp::create(b,
                       ValueRange{output, sm90::AdvanceOp::create(b, keyCursor),
                                  sm90::AdvanceOp::create(b, valueCursor)});
  return success();
}

FailureOr<Value> ForwardKernelBuilder::createKeyLoop(HostValues &host,
                                                     const TilePosition &tile,
                                                     KeyRange range,
                                                     Value queries,
                                                     Cursors &cursors) {
  WarpgroupRanges ranges = getRanges(i32.add(tile.query, outputRow));
  Value zero = arith::ConstantFloatOp::create(
      b, b.getF32Type(), APFloat::getZero(APFloat::IEEEsingle()));
  Value start = sm90::SplatOp::create(b, getOutputType(), zero);
  auto loop = scf::ForOp::create(b, range.begin, range.end, i32.constant(1),
                                 ValueRange{start, cursors.key, cursors.value});
  loop->setAttr(sm90::kOverlapAttrName,
                sm90::OverlapAttr::get(b.getContext(),
                                       schedule.getLoop() == LoopForm::Chunked
                                           ? sm90::OverlapForm::Chunked
                                           : sm90::OverlapForm::Pipelined,
                                       schedule.getPingPong()));
  if (failed(createKeyStep(host, tile, queries, ranges, loop)))
    return failure();
  cursors.key = loop.getResult(1);
  cursors.value = loop.getResult(2);
  return loop.getResult(0);
}

WarpgroupRanges ForwardKernelBuilder::getRanges(Value row) {
  WarpgroupRanges ranges;
  int64_t keyTile = schedule.getKeyTile();
  MaskAttr mask = op.getMaskAttr();
  if (formula.hasPartialTiles())
    ranges.full =
        getFullRange(b, formula.sizes, mask, formula.hidesTail(), row, keyTile);
  if (!stopsAlone())
    return ranges;
  ranges.seen =
      getSeenRange(b, formula.sizes, mask, row, target::kWgmmaRows, keyTile);
  // Rows past the last query see nothing.
  Value isPresent =
      i32.compare(arith::CmpIPredicate::slt, row, formula.sizes.queryLength);
  ranges.seen.end =
      arith::SelectOp::create(b, isPresent, ranges.seen.end, i32.constant(0));
  if (!mask.getLeft())
    ranges.seen.begin = Value();
  return ranges;
}

FailureOr<Value>
ForwardKernelBuilder::choose(Value step, const KeyRange &range,
                             llvm::function_ref<FailureOr<Value>()> inside,
                             llvm::function_ref<FailureOr<Value>()> outside) {
  Value isInside;
  if (range.begin)
    isInside = i32.compare(arith::CmpIPredicate::sge, step, range.begin);
  if (range.end) {
    Value isBefore = i32.compare(arith::CmpIPredicate::slt, step, range.end);
    isInside = isInside
                   ? arith::AndIOp::create(b, isInside, isBefore).getResult()
                   : isBefore;
  }
  if (!isInside)
    return inside();
  auto choice = scf::IfOp::create(b, TypeRange(getScoreType()), isInside,
                                  /*withElseRegion=*/true);
  for (auto [block, write] :
       {std::pair(choice.thenBlock(), inside), {choice.elseBlock(), outside}}) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(block);
    FailureOr<Value> value = write();
    if (failed(value))
      return failure();
    scf::YieldOp::create(b, *value);
  }
  return choice.getResult(0);
}

FailureOr<Value>
ForwardKernelBuilder::createWeights(HostValues &host, const TilePosition &tile,
                                    Value products, Value column, Value step,
                                    const WarpgroupRanges &ranges) {
  Value row = i32.add(tile.query, outputRow);
  auto weights = [&](bool partial) {
    return buildWeights(b, formula, host, tile, products, row, column, partial);
  };
  auto seen = [&]() -> FailureOr<Value> {
    // Keys that all rows see need no mask.
    return choose(
        step, ranges.full, [&] { return weights(/*partial=*/false); },
        [&] { return weights(/*partial=*/true); });
  };
  return choose(step, ranges.seen, seen, [&]() -> FailureOr<Value> {
    Value zero = arith::ConstantFloatOp::create(
        b, b.getF32Type(), APFloat::getZero(APFloat::IEEEsingle()));
    return sm90::SplatOp::create(b, getScoreType(), zero).getResult();
  });
}

/// Part i of a tile's `parts` goes through place i % `places`. Returns how many
/// of the newest copies were started after the last one out of the place that
/// the part behind `part`, or the next tile's first one, will overwrite.
static int64_t getCopiesInFlight(int64_t part, int64_t parts, int64_t places) {
  int64_t next = (part + 1) % parts;
  if (next >= places)
    return places - 1;
  // The tile before used the next part's place last.
  int64_t last = llvm::alignDown(parts - 1 - next, places) + next;
  return parts - 1 - last + next;
}

void ForwardKernelBuilder::storeOutput(const TilePosition &tile,
                                       Value queryTile, Value output) {
  if (!outputTile) {
    storeColumns(tile, queryTile, output, 0, 0, /*inFlight=*/0);
    return;
  }
  // A box at a time, each through the place that has been free for longest.
  constexpr int64_t kWidth = target::kBoxColumns;
  int64_t places =
      cast<sm90::TileType>(outputTile.getType()).getCols() / kWidth;
  int64_t parts = llvm::divideCeil(valueColumns(), kWidth);
  for (int64_t part = 0; part < parts; ++part) {
    int64_t first = part * kWidth;
    auto type = sm90::FragmentType::get(
        target::kWgmmaRows, std::min(kWidth, valueColumns() - first),
        b.getF32Type());
    Value columns = output;
    if (type != output.getType())
      columns = sm90::ExtractOp::create(b, type, output, first);
    storeColumns(tile, outputTile, columns, first, part % places * kWidth,
                 getCopiesInFlight(part, parts, places));
  }
}

void ForwardKernelBuilder::storeColumns(const TilePosition &tile, Value staging,
                                        Value columns, int64_t first,
                                        int64_t place, int64_t inFlight) {
  int64_t count = cast<sm90::FragmentType>(columns.getType()).getCols();
  Value rounded = sm90::ConvertOp::create(
      b,
      sm90::FragmentType::get(
          target::kWgmmaRows, count,
          cast<ShapedType>(op.getOutput().getType()).getElementType()),
      columns);
  Value mine = sm90::SliceOp::create(
      b, getSlice(target::kWgmmaRows, count, schedule.getQueryTile()), staging,
      warpgroupRow, place);
  // Every warp is done with what the output overwrites.
  sm90::createWarpgroupBarrier(b, warpgroup);
  sm90::StoreMatrixOp::create(b, rounded, mine);
  NVVM::FenceProxyOp::create(
      b, NVVM::ProxyKind::async_shared,
      NVVM::SharedSpaceAttr::get(b.getContext(),
                                 NVVM::SharedSpace::shared_cta));
  sm90::createWarpgroupBarrier(b, warpgroup);
  auto leader = scf::IfOp::create(b, sm90::LeaderOp::create(b, b.getI1Type()));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(leader.thenBlock());
  Value row = i32.add(tile.query, outputRow);
  sm90::TmaStoreOp::create(
      b, mine, outputMap,
      ValueRange{tile.batch, tile.head, row, i32.constant(first)});
  NVVM::CpAsyncBulkCommitGroupOp::create(b);
  // Memory is free once a copy has read it.
  waitForCopies(inFlight);
}

void ForwardKernelBuilder::waitForCopies(int64_t inFlight) {
  NVVM::CpAsyncBulkWaitGroupOp::create(b, b.getI32IntegerAttr(inFlight),
                                       b.getUnitAttr());
}
