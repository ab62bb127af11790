//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The forward kernel, written as one thread of control: tiles are loaded, waited
// for and used in program order, all in the consumer region. Later passes move
// the loads to the producer, overlap the key loop, and split it by masks.
//
//===----------------------------------------------------------------------===//

#include "ForwardKernel.h"

#include "WeightMap.h"

#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::attn;
using sigmoid_attn::RecipeLaunch;

namespace {
/// Positions in the query, key and value rings, and in the ring of tile numbers
/// of a dynamic grid (null with a static one).
struct Cursors {
  Value query, key, value, message;
};

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

  FailureOr<RecipeLaunch> build();

private:
  void createParameters();
  LogicalResult createFormula(HostValues &host);
  void createRings();
  LogicalResult createStaticLoop(HostValues &host);
  LogicalResult createDynamicLoop(HostValues &host);
  /// One query tile; moves the cursors.
  LogicalResult createTile(HostValues &host, Value number, Cursors &cursors);
  /// The sum over the tiles of keys; moves the key and value cursors.
  FailureOr<Value> createKeyLoop(HostValues &host, const TilePosition &tile,
                                 Value queries, Cursors &cursors);
  FailureOr<Value> createWeights(HostValues &host, const TilePosition &tile,
                                 Value products, Value column, Value step,
                                 const KeyRange &range);
  void storeOutput(const TilePosition &tile, Value queryTile, Value output);
  RecipeLaunch createLaunch();

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
  bool isMasked() { return static_cast<bool>(op.getMaskAttr()); }
  bool isDynamic() { return schedule.getGrid() == GridOrder::Dynamic; }

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
  Value block, grid, warpgroup, warpgroupRow;
};
} // namespace

//===----------------------------------------------------------------------===//
// Prologue
//===----------------------------------------------------------------------===//

void ForwardKernelBuilder::createParameters() {
  int64_t queryTile = schedule.getQueryTile(), keyTile = schedule.getKeyTile();
  queryMap = kernel.addTensorMap(op.getQuery(), queryTile);
  keyMap = kernel.addTensorMap(op.getKey(), keyTile);
  valueMap = kernel.addTensorMap(op.getValue(), keyTile);
  outputMap = kernel.addTensorMap(op.getOutput(), target::kWgmmaRows);
  std::string batch = names.getSize(op.getQuery(), 0);
  std::string heads = names.getSize(op.getQuery(), 1);
  std::string keyHeads = names.getSize(op.getKey(), 1);
  std::string queryLength = names.getSize(op.getQuery(), 2);
  std::string keyLength = names.getSize(op.getKey(), 2);
  std::string group = "max(1, " + heads + " / max(1, " + keyHeads + "))";
  std::string queryTiles =
      "ceildiv(" + queryLength + ", " + std::to_string(queryTile) + ")";
  Type type = b.getI32Type();
  ProblemSizes &sizes = formula.sizes;
  sizes.heads = addDivisor(kernel, heads);
  sizes.group = addDivisor(kernel, group);
  sizes.queryLength = kernel.addValue(type, queryLength);
  sizes.keyLength = kernel.addValue(type, keyLength);
  sizes.queryTiles = addDivisor(kernel, queryTiles);
  sizes.tiles =
      kernel.addValue(type, queryTiles + " * " + heads + " * " + batch);
  if (isMasked()) {
    // Keys and values of the heads worked on together should fill most of the
    // 50 MB of L2.
    constexpr int64_t kCacheBytes = 32 << 20;
    std::string pairs = heads + " * " + batch;
    int64_t rowBytes =
        (shape.headDim + shape.valueHeadDim) * target::kElementBytes;
    sizes.pairs = kernel.addValue(type, pairs);
    std::string together =
        llvm::formatv("max(1, min({0}, {1} * {2} / max(1, {3} * {4})))", pairs,
                      kCacheBytes, group, keyLength, rowBytes)
            .str();
    sizes.pairsTogether = addDivisor(kernel, together);
    sizes.lastTogether =
        addDivisor(kernel, "(" + pairs + " - 1) % " + together + " + 1");
    sizes.groupTiles = addDivisor(kernel, together + " * " + queryTiles);
  }
  if (isDynamic())
    counter = kernel.addCounter();
}

LogicalResult ForwardKernelBuilder::createFormula(HostValues &host) {
  if (op.getScale()) {
    FailureOr<Value> scale = host.get(op.getScale());
    if (failed(scale))
      return failure();
    formula.scale = *scale;
  } else {
    formula.scale = arith::ConstantFloatOp::create(
        b, b.getF32Type(),
        APFloat(static_cast<float>(1.0 / std::sqrt(double(shape.headDim)))));
  }
  if (!op.getBias())
    return success();
  FailureOr<Value> bias = host.get(op.getBias());
  if (failed(bias))
    return failure();
  formula.bias = *bias;
  return success();
}

void ForwardKernelBuilder::createRings() {
  auto createRing = [&](int64_t stages, Type payload, sm90::Scope scope) {
    auto type = sm90::RingType::get(b.getContext(), stages, payload);
    return sm90::AllocRingOp::create(b, type, schedule.getConsumers(), scope,
                                     /*offset=*/IntegerAttr(),
                                     /*barriers=*/IntegerAttr());
  };
  int64_t padded = shape.getPaddedHeadDim();
  int64_t valuePadded = shape.getPaddedValueHeadDim();
  queryRing = createRing(schedule.getQueryStages(),
                         getTile(schedule.getQueryTile(), padded),
                         sm90::Scope::Warpgroup);
  keyRing = createRing(schedule.getKeyStages(),
                       getTile(schedule.getKeyTile(), padded),
                       sm90::Scope::Warpgroup);
  valueRing = createRing(schedule.getValueStages(),
                         getTile(schedule.getKeyTile(), valuePadded),
                         sm90::Scope::Warpgroup);
  // The output leaves through the query's memory where it is wide enough.
  if (valuePadded > padded)
    outputTile = sm90::AllocTileOp::create(
        b, getTile(schedule.getQueryTile(), valuePadded),
        /*offset=*/IntegerAttr());
  if (isDynamic())
    messageRing = createRing(2, b.getI32Type(), sm90::Scope::Warp);
}

FailureOr<RecipeLaunch> ForwardKernelBuilder::build() {
  createParameters();
  Operation *end = kernel.getKernel().getBody().front().getTerminator();
  b.setInsertionPoint(end);
  createRings();
  Type type = b.getI32Type();
  block = NVVM::BlockIdXOp::create(b, type);
  grid = NVVM::GridDimXOp::create(b, type);
  auto roles = sm90::WarpSpecializeOp::create(
      b, static_cast<int32_t>(schedule.getProducerRegisters()),
      static_cast<int32_t>(schedule.getConsumers()),
      static_cast<int32_t>(schedule.getConsumerRegisters()));
  // What is computed from parameters goes before the roles.
  b.setInsertionPoint(roles);
  HostValues host(kernel, b);
  if (failed(createFormula(host)))
    return failure();
  b.createBlock(&roles.getProducer());
  sm90::YieldOp::create(b);
  Block *consumer =
      b.createBlock(&roles.getConsumer(), {}, {type}, {b.getLoc()});
  warpgroup = consumer->getArgument(0);
  warpgroupRow = i32.mul(warpgroup, target::kWgmmaRows);
  if (failed(isDynamic() ? createDynamicLoop(host) : createStaticLoop(host)))
    return failure();
  b.setInsertionPointToEnd(consumer);
  sm90::YieldOp::create(b);
  return createLaunch();
}

RecipeLaunch ForwardKernelBuilder::createLaunch() {
  RecipeLaunch launch;
  launch.kernel = kernel.getKernel().getSymName().str();
  launch.threads =
      (1 + schedule.getConsumers()) * target::kWarpgroupThreads;
  std::string tiles =
      llvm::formatv("ceildiv({0}, {1}) * {2} * {3}",
                    names.getSize(op.getQuery(), 2), schedule.getQueryTile(),
                    names.getSize(op.getQuery(), 1),
                    names.getSize(op.getQuery(), 0))
          .str();
  // A block fills a multiprocessor; it takes tiles until none are left.
  launch.grid[0] = "min(sm_count, " + tiles + ")";
  launch.parameters = kernel.finish();
  return launch;
}

//===----------------------------------------------------------------------===//
// Loops over tiles
//===----------------------------------------------------------------------===//

LogicalResult ForwardKernelBuilder::createStaticLoop(HostValues &host) {
  auto start = [&](Value ring) -> Value {
    int64_t stages = cast<sm90::RingType>(ring.getType()).getStages();
    return sm90::StartOp::create(
        b, sm90::CursorType::get(b.getContext(), stages));
  };
  auto loop = scf::ForOp::create(
      b, block, formula.sizes.tiles, grid,
      ValueRange{start(queryRing), start(keyRing), start(valueRing)});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Cursors cursors{loop.getRegionIterArg(0), loop.getRegionIterArg(1),
                  loop.getRegionIterArg(2), {}};
  if (failed(createTile(host, loop.getInductionVar(), cursors)))
    return failure();
  scf::YieldOp::create(b, ValueRange{cursors.query, cursors.key, cursors.value});
  return success();
}

LogicalResult ForwardKernelBuilder::createDynamicLoop(HostValues &host) {
  auto start = [&](Value ring) -> Value {
    int64_t stages = cast<sm90::RingType>(ring.getType()).getStages();
    return sm90::StartOp::create(
        b, sm90::CursorType::get(b.getContext(), stages));
  };
  SmallVector<Value> inits{block, start(queryRing), start(keyRing),
                           start(valueRing), start(messageRing)};
  SmallVector<Type> types = llvm::to_vector(ValueRange(inits).getTypes());
  auto loop = scf::WhileOp::create(b, types, inits);
  SmallVector<Location> locs(types.size(), b.getLoc());
  OpBuilder::InsertionGuard guard(b);
  Block *before = b.createBlock(&loop.getBefore(), {}, types, locs);
  Value more = i32.compare(arith::CmpIPredicate::slt, before->getArgument(0),
                           formula.sizes.tiles);
  scf::ConditionOp::create(b, more, before->getArguments());
  Block *after = b.createBlock(&loop.getAfter(), {}, types, locs);
  Cursors cursors{after->getArgument(1), after->getArgument(2),
                  after->getArgument(3), after->getArgument(4)};
  // Each tile takes one ticket for the block's next, so that there are as many
  // tickets as tiles: the last one wraps the counter to 0 for the next launch.
  Value ticket = LLVM::AtomicRMWOp::create(
      b, LLVM::AtomicBinOp::uinc_wrap, counter,
      i32.add(formula.sizes.tiles, -1), LLVM::AtomicOrdering::monotonic);
  if (failed(createTile(host, after->getArgument(0), cursors)))
    return failure();
  // Sent behind the tile's loads, which the ticket's latency would hold up.
  Value next = i32.add(grid, ticket);
  sm90::ReserveOp::create(b, TypeRange(), messageRing, cursors.message);
  sm90::SendOp::create(b, messageRing, cursors.message, next);
  Value received =
      sm90::WaitOp::create(b, b.getI32Type(), messageRing, cursors.message,
                           /*ready=*/Value())
          .getPayload()[0];
  sm90::ReleaseOp::create(b, messageRing, cursors.message);
  Value message = sm90::AdvanceOp::create(b, cursors.message);
  scf::YieldOp::create(b, ValueRange{received, cursors.query, cursors.key,
                                     cursors.value, message});
  return success();
}

//===----------------------------------------------------------------------===//
// One tile
//===----------------------------------------------------------------------===//

Value ForwardKernelBuilder::loadTile(Value ring, Value cursor, Value map,
                                     Value batch, Value head, Value row,
                                     sm90::TileType type) {
  auto slot = sm90::ReserveOp::create(b, TypeRange(type), ring, cursor);
  sm90::TmaLoadOp::create(b, map,
                          ValueRange{batch, head, row, i32.constant(0)},
                          slot.getTiles()[0], ring, cursor,
                          /*cache_policy=*/IntegerAttr());
  return sm90::WaitOp::create(b, type, ring, cursor, /*ready=*/Value())
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
  return sm90::AwaitOp::create(b, ValueRange(pending), keep)
      .getFragments()[0];
}

LogicalResult ForwardKernelBuilder::createTile(HostValues &host, Value number,
                                               Cursors &cursors) {
  int64_t queryTile = schedule.getQueryTile();
  TilePosition tile =
      isMasked()
          ? getLongestFirstPosition(b, formula.sizes, number, queryTile)
          : getTilePosition(b, formula.sizes, number, queryTile);
  auto type = getTile(queryTile, shape.getPaddedHeadDim());
  Value queryTileValue = loadTile(queryRing, cursors.query, queryMap,
                                  tile.batch, tile.head, tile.query, type);
  Value queries = sm90::SliceOp::create(
      b, getSlice(target::kWgmmaRows, headColumns(), queryTile),
      queryTileValue, warpgroupRow, 0);
  FailureOr<Value> output = createKeyLoop(host, tile, queries, cursors);
  if (failed(output))
    return failure();
  storeOutput(tile, queryTileValue, *output);
  sm90::ReleaseOp::create(b, queryRing, cursors.query);
  cursors.query = sm90::AdvanceOp::create(b, cursors.query);
  return success();
}

FailureOr<Value>
ForwardKernelBuilder::createKeyLoop(HostValues &host, const TilePosition &tile,
                                    Value queries, Cursors &cursors) {
  int64_t keyTile = schedule.getKeyTile();
  KeyRange range = getKeyRange(b, formula.sizes, op.getMaskAttr(), tile.query,
                               schedule.getQueryTile(), keyTile);
  Value row = i32.add(tile.query, warpgroupRow);
  if (formula.hasPartialTiles())
    addFullRange(b, formula.sizes, op.getMaskAttr(), formula.hidesTail(), row,
                 keyTile, range);
  Value zero = arith::ConstantFloatOp::create(
      b, b.getF32Type(), APFloat::getZero(APFloat::IEEEsingle()));
  Value start = sm90::SplatOp::create(b, getOutputType(), zero);
  auto loop = scf::ForOp::create(
      b, range.begin, range.end, i32.constant(1),
      ValueRange{start, cursors.key, cursors.value});
  loop->setAttr(sm90::kOverlapAttrName,
                sm90::OverlapAttr::get(
                    b.getContext(),
                    schedule.getLoop() == LoopForm::Chunked
                        ? sm90::OverlapForm::Chunked
                        : sm90::OverlapForm::Pipelined,
                    schedule.getPingPong()));
  {
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
        createWeights(host, tile, products, column, step, range);
    if (failed(weights))
      return failure();
    Value rounded = sm90::ConvertOp::create(
        b,
        sm90::FragmentType::get(target::kWgmmaRows, keyTile, elementType()),
        *weights);
    auto valueType = getTile(keyTile, shape.getPaddedValueHeadDim());
    Value values = loadTile(valueRing, valueCursor, valueMap, tile.batch,
                            tile.keyHead, column, valueType);
    values = sm90::SliceOp::create(b, getTile(keyTile, valueColumns()), values,
                                   i32.constant(0), 0);
    Value output = multiply(rounded, values, loop.getRegionIterArg(0),
                            /*transpose=*/false);
    sm90::ReleaseOp::create(b, valueRing, valueCursor);
    scf::YieldOp::create(
        b, ValueRange{output, sm90::AdvanceOp::create(b, keyCursor),
                      sm90::AdvanceOp::create(b, valueCursor)});
  }
  cursors.key = loop.getResult(1);
  cursors.value = loop.getResult(2);
  return loop.getResult(0);
}

FailureOr<Value>
ForwardKernelBuilder::createWeights(HostValues &host, const TilePosition &tile,
                                    Value products, Value column, Value step,
                                    const KeyRange &range) {
  Value row = i32.add(tile.query, warpgroupRow);
  auto weights = [&](bool partial) {
    return buildWeights(b, formula, host, tile, products, row, column, partial);
  };
  if (!formula.hasPartialTiles())
    return weights(/*partial=*/false);
  // A tile that is whole for this warpgroup needs no mask.
  Value isFull;
  if (range.fullBegin)
    isFull = i32.compare(arith::CmpIPredicate::sge, step, range.fullBegin);
  if (range.fullEnd) {
    Value isBefore =
        i32.compare(arith::CmpIPredicate::slt, step, range.fullEnd);
    isFull = isFull ? arith::AndIOp::create(b, isFull, isBefore).getResult()
                    : isBefore;
  }
  auto choice = scf::IfOp::create(b, TypeRange(getScoreType()), isFull,
                                  /*withElseRegion=*/true);
  for (auto [block, partial] :
       {std::pair(choice.thenBlock(), false), {choice.elseBlock(), true}}) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(block);
    FailureOr<Value> value = weights(partial);
    if (failed(value))
      return failure();
    scf::YieldOp::create(b, *value);
  }
  return choice.getResult(0);
}

void ForwardKernelBuilder::storeOutput(const TilePosition &tile,
                                       Value queryTile, Value output) {
  Value rounded = sm90::ConvertOp::create(
      b,
      sm90::FragmentType::get(target::kWgmmaRows, valueColumns(),
                              cast<ShapedType>(op.getOutput().getType())
                                  .getElementType()),
      output);
  Value mine = sm90::SliceOp::create(
      b, getSlice(target::kWgmmaRows, valueColumns(), schedule.getQueryTile()),
      outputTile ? outputTile : queryTile, warpgroupRow, 0);
  Value threads = i32.constant(target::kWarpgroupThreads);
  // Named barrier of the warpgroup; 0 is the block's.
  Value barrier = i32.add(warpgroup, 1);
  auto synchronize = [&] {
    NVVM::BarrierOp::create(b, TypeRange(), barrier, threads,
                            NVVM::BarrierReductionAttr(), Value());
  };
  // Every warp is done with what the output overwrites.
  synchronize();
  sm90::StoreMatrixOp::create(b, rounded, mine);
  NVVM::FenceProxyOp::create(
      b, NVVM::ProxyKind::async_shared,
      NVVM::SharedSpaceAttr::get(b.getContext(),
                                 NVVM::SharedSpace::shared_cta));
  synchronize();
  auto leader = scf::IfOp::create(b, sm90::LeaderOp::create(b, b.getI1Type()));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(leader.thenBlock());
  Value row = i32.add(tile.query, warpgroupRow);
  sm90::TmaStoreOp::create(
      b, mine, outputMap,
      ValueRange{tile.batch, tile.head, row, i32.constant(0)});
  NVVM::CpAsyncBulkCommitGroupOp::create(b);
  // The slot is given back once the copy has read it.
  NVVM::CpAsyncBulkWaitGroupOp::create(b, b.getI32IntegerAttr(0),
                                       b.getUnitAttr());
}

FailureOr<RecipeLaunch>
attn::buildForwardKernel(OpBuilder &builder, SigmoidAttentionOp op,
                         const KernelShape &shape, const FunctionNames &names,
                         StringRef name, ScheduleAttr schedule,
                         sm90::SigmoidForm form) {
  return ForwardKernelBuilder(builder, op, shape, names, name, schedule, form)
      .build();
}
