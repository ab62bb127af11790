//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The forward kernel, written as one thread of control: tiles are loaded,
// waited for and used in program order, all in the consumer region. Later
// passes move the loads to the producer, overlap the key loop, and split it by
// masks.
//
//===----------------------------------------------------------------------===//

#include "ForwardKernel.h"

#include "ForwardKernelBuilder.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::attn;
using sigmoid_attn::RecipeLaunch;

//===----------------------------------------------------------------------===//
// Prologue
//===----------------------------------------------------------------------===//

void ForwardKernelBuilder::createParameters() {
  // Each block of a cluster loads its share of the keys.
  int64_t keyRows = schedule.getKeyTile() / schedule.getCluster();
  queryMap = kernel.addTensorMap(op.getQuery(), schedule.getQueryTile());
  keyMap = kernel.addTensorMap(op.getKey(), keyRows);
  valueMap = kernel.addTensorMap(op.getValue(), keyRows);
  outputMap = kernel.addTensorMap(op.getOutput(), target::kWgmmaRows);
  std::string batch = names.getSize(op.getQuery(), 0);
  std::string heads = names.getSize(op.getQuery(), 1);
  std::string keyHeads = names.getSize(op.getKey(), 1);
  std::string queryLength = names.getSize(op.getQuery(), 2);
  std::string keyLength = names.getSize(op.getKey(), 2);
  std::string group = "max(1, " + heads + " / max(1, " + keyHeads + "))";
  std::string queryTiles =
      "ceildiv(" + queryLength + ", " + std::to_string(clusterQueries()) + ")";
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
    // Blocks should share what they read of keys and values: few heads at a
    // time, so that many blocks go through the same keys together, but enough
    // that the longest tiles of all fill the device, and more than once, or the
    // group that comes last leaves it half idle. Measured best: 32 heads for
    // 128 queries, and below d = 128 more in proportion to 1 / d. The last
    // group holds as many as the rest, or a small one would end alone.
    int64_t queries = clusterQueries();
    int64_t most = std::max(queries / 4, 64 * queries /
                                             (shape.getPaddedHeadDim() +
                                              shape.getPaddedValueHeadDim()));
    std::string pairs = heads + " * " + batch;
    sizes.pairs = kernel.addValue(type, pairs);
    std::string groups =
        llvm::formatv("max(1, ceildiv({0}, {1} * {2}))", pairs, most, group);
    std::string together =
        llvm::formatv("max(1, ceildiv({0}, {1}))", pairs, groups);
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

/// Where a band whose bound is `bound`, with its sign, begins or ends right of
/// a query's number, less `clamped`, the same bound of 32 bits. With an origin
/// lengths are at most kLongestTile; what lies further away than that is as far
/// as that.
static Value createShift(ImplicitLocOpBuilder &b, Value shift, int64_t bound,
                         int64_t clamped) {
  auto constant = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  };
  // Far from what would overflow, and as good as infinite.
  constexpr int64_t kFar = int64_t(1) << 61;
  bound = std::clamp(bound, -kFar, kFar);
  Value edge = arith::AddIOp::create(b, shift, constant(bound));
  edge = arith::MinSIOp::create(b, edge, constant(kLongestTile));
  edge = arith::MaxSIOp::create(b, edge, constant(-kLongestTile));
  edge = arith::SubIOp::create(b, edge, constant(clamped));
  return arith::IndexCastOp::create(b, b.getI32Type(), edge);
}

LogicalResult ForwardKernelBuilder::createOrigin(HostValues &host) {
  SmallVector<Value, 5> values;
  for (Value operand : op.getOrigin()) {
    FailureOr<Value> value = host.get(operand);
    if (failed(value))
      return failure();
    values.push_back(*value);
  }
  if (values.empty())
    return success();
  Value diagonal = values.pop_back_val();
  formula.origin.assign(values.begin(), values.end());
  MaskAttr mask = op.getMaskAttr();
  if (!mask)
    return success();
  Value query = formula.origin[2], key = formula.origin[3];
  Value shift =
      arith::SubIOp::create(b, arith::AddIOp::create(b, query, diagonal), key);
  if (std::optional<int64_t> right = mask.getRight())
    formula.sizes.rightShift =
        createShift(b, shift, *right, clampBound(*right));
  if (std::optional<int64_t> left = mask.getLeft())
    formula.sizes.leftShift = createShift(b, shift, -*left, -clampBound(*left));
  return success();
}

void ForwardKernelBuilder::createRings() {
  auto createRing = [&](int64_t stages, Type payload, sm90::Scope scope,
                        int64_t cluster) {
    auto type = sm90::RingType::get(b.getContext(), stages, payload);
    return sm90::AllocRingOp::create(b, type, schedule.getConsumers(), scope,
                                     cluster, /*offset=*/IntegerAttr(),
                                     /*barriers=*/IntegerAttr());
  };
  int64_t cluster = schedule.getCluster();
  int64_t padded = shape.getPaddedHeadDim();
  int64_t valuePadded = shape.getPaddedValueHeadDim();
  queryRing = createRing(schedule.getQueryStages(),
                         getTile(schedule.getQueryTile(), padded),
                         sm90::Scope::Warpgroup, /*cluster=*/1);
  keyRing = createRing(schedule.getKeyStages(),
                       getTile(schedule.getKeyTile(), padded),
                       sm90::Scope::Warpgroup, cluster);
  valueRing = createRing(schedule.getValueStages(),
                         getTile(schedule.getKeyTile(), valuePadded),
                         sm90::Scope::Warpgroup, cluster);
  if (int64_t columns = planKernel(schedule, shape)->outputColumns)
    outputTile = sm90::AllocTileOp::create(
        b, getTile(schedule.getQueryTile(), columns), /*offset=*/IntegerAttr());
  if (isDynamic())
    messageRing = createRing(2, b.getI32Type(), sm90::Scope::Warp, cluster);
}

FailureOr<RecipeLaunch> ForwardKernelBuilder::build() {
  createParameters();
  Operation *end = kernel.getKernel().getBody().front().getTerminator();
  b.setInsertionPoint(end);
  createRings();
  Type type = b.getI32Type();
  if (schedule.getCluster() == 1) {
    first = NVVM::BlockIdXOp::create(b, type);
    step = NVVM::GridDimXOp::create(b, type);
  } else {
    kernel.getKernel().setCluster(schedule.getCluster());
    first = NVVM::ClusterIdXOp::create(b, type);
    step = NVVM::ClusterDimXOp::create(b, type);
    rank = NVVM::ClusterId::create(b, type);
  }
  auto roles = sm90::WarpSpecializeOp::create(
      b, static_cast<int32_t>(schedule.getProducerRegisters()),
      static_cast<int32_t>(schedule.getConsumers()),
      static_cast<int32_t>(schedule.getConsumerRegisters()));
  // What is computed from parameters goes before the roles.
  b.setInsertionPoint(roles);
  HostValues host(kernel, b);
  if (failed(createFormula(host)) || failed(createOrigin(host)))
    return failure();
  b.createBlock(&roles.getProducer());
  sm90::YieldOp::create(b);
  Block *consumer =
      b.createBlock(&roles.getConsumer(), {}, {type}, {b.getLoc()});
  warpgroup = consumer->getArgument(0);
  warpgroupRow = i32.mul(warpgroup, target::kWgmmaRows);
  outputRow =
      rank ? i32.add(i32.mul(rank, schedule.getQueryTile()), warpgroupRow)
           : warpgroupRow;
  if (failed(isDynamic() ? createDynamicLoop(host) : createStaticLoop(host)))
    return failure();
  b.setInsertionPointToEnd(consumer);
  // Shared memory is the block's as long as copies read it. All threads wait,
  // though only leaders have copies: behind a branch here ptxas takes the warp
  // for apart in the loop over tiles.
  if (outputTile)
    waitForCopies(0);
  sm90::YieldOp::create(b);
  return createLaunch();
}

RecipeLaunch ForwardKernelBuilder::createLaunch() {
  RecipeLaunch launch;
  launch.kernel = kernel.getKernel().getSymName().str();
  launch.threads = (1 + schedule.getConsumers()) * target::kWarpgroupThreads;
  std::string tiles =
      llvm::formatv("ceildiv({0}, {1}) * {2} * {3}",
                    names.getSize(op.getQuery(), 2), clusterQueries(),
                    names.getSize(op.getQuery(), 1),
                    names.getSize(op.getQuery(), 0))
          .str();
  // A block fills a multiprocessor; it takes tiles until none are left.
  launch.grid[0] = "min(sm_count, " + tiles + ")";
  if (int64_t cluster = schedule.getCluster(); cluster > 1) {
    launch.cluster[0] = cluster;
    launch.grid[0] =
        llvm::formatv("min(sm_count / {0}, {1}) * {0}", cluster, tiles).str();
  }
  launch.parameters = kernel.finish();
  return launch;
}

//===----------------------------------------------------------------------===//
// Loops over tiles
//===----------------------------------------------------------------------===//

Value ForwardKernelBuilder::startOf(Value ring) {
  int64_t stages = cast<sm90::RingType>(ring.getType()).getStages();
  return sm90::StartOp::create(b,
                               sm90::CursorType::get(b.getContext(), stages));
}

LogicalResult ForwardKernelBuilder::createStaticLoop(HostValues &host) {
  auto loop = scf::ForOp::create(
      b, first, formula.sizes.tiles, step,
      ValueRange{startOf(queryRing), startOf(keyRing), startOf(valueRing)});
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Cursors cursors{loop.getRegionIterArg(0),
                  loop.getRegionIterArg(1),
                  loop.getRegionIterArg(2),
                  {}};
  if (failed(createTile(host, loop.getInductionVar(), cursors)))
    return failure();
  scf::YieldOp::create(b,
                       ValueRange{cursors.query, cursors.key, cursors.value});
  return success();
}

LogicalResult ForwardKernelBuilder::createDynamicLoop(HostValues &host) {
  SmallVector<Value> inits{first, startOf(queryRing), startOf(keyRing),
                           startOf(valueRing), startOf(messageRing)};
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
  // In a cluster the first block's ticket counts. The others draw, too, from
  // counters of their own: cheaper than a branch that only one of them takes.
  Value own = counter;
  if (rank)
    own = LLVM::GEPOp::create(b, counter.getType(), b.getI32Type(), counter,
                              ValueRange{rank});
  Value ticket = LLVM::AtomicRMWOp::create(b, LLVM::AtomicBinOp::uinc_wrap, own,
                                           i32.add(formula.sizes.tiles, -1),
                                           LLVM::AtomicOrdering::monotonic);
  if (failed(createTile(host, after->getArgument(0), cursors)))
    return failure();
  // Sent behind the tile's loads, which the ticket's latency would hold up.
  Value next = i32.add(step, ticket);
  sm90::ReserveOp::create(b, TypeRange(), messageRing, cursors.message);
  sm90::SendOp::create(b, messageRing, cursors.message, next);
  Value received =
      sm90::WaitOp::create(b, b.getI32Type(), messageRing, cursors.message,
                           /*ready=*/Value(),
                           /*peek=*/false)
          .getPayload()[0];
  sm90::ReleaseOp::create(b, messageRing, cursors.message);
  Value message = sm90::AdvanceOp::create(b, cursors.message);
  scf::YieldOp::create(b, ValueRange{received, cursors.query, cursors.key,
                                     cursors.value, message});
  return success();
}

FailureOr<RecipeLaunch>
attn::buildForwardKernel(OpBuilder &builder, SigmoidAttentionOp op,
                         const KernelShape &shape, const FunctionNames &names,
                         StringRef name, ScheduleAttr schedule,
                         sm90::SigmoidForm form) {
  return ForwardKernelBuilder(builder, op, shape, names, name, schedule, form)
      .build();
}
