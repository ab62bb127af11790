//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites sequential key loops so that products run under the sigmoid.
//
//===----------------------------------------------------------------------===//

#include "FragmentMaps.h"
#include "KeyLoop.h"
#include "KeyProducer.h"
#include "Turns.h"

#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_PIPELINEKEYLOOPPASS
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using namespace mlir::sm90;

/// Columns of weights that a chunk sends to its product: a step of wgmma.
static constexpr int64_t kChunkKeys = 16;
/// Columns that a chunked loop decides about at once: no product of theirs is
/// issued before all of their exponentials are there.
static constexpr int64_t kDecisionKeys = 64;

namespace {
/// Writes the new loop in place of the old one.
class LoopWriter {
public:
  LoopWriter(KeyLoop &keyLoop, Turns turns, WarpSpecializeOp roles)
      : keyLoop(keyLoop), turns(turns), roles(roles),
        b(keyLoop.getLoop().getLoc(), keyLoop.getLoop()) {}

  /// Replaces the loop; its stages run in the order of `form`.
  void write(OverlapForm form);

private:
  using Carried = SmallVector<Value, 3>;
  /// The forms, for a loop of at least one step. They return the output and the
  /// cursors after the last step.
  Carried writePipelined();
  /// The pipelined form for weights with decisions: what follows the decision
  /// about a step's waits until the next step's products are issued, and runs
  /// under them.
  Carried writeDeferred();
  void writeDeferredStep(scf::ForOp loop);
  /// Whether that form fits the weights and the registers.
  bool canDefer();
  Carried writeChunked(bool isWhole);
  void writeChunkedStep(scf::ForOp loop, bool isWhole);
  /// Makes the chunked form's last step one of the loop, which issues further
  /// scores as all do, of keys behind the loop's that the producer then loads.
  /// That is less code. Returns false if it cannot be, or would be slower.
  bool makeWhole();
  /// The weights of a step by chunks, each to its product. Returns the sum that
  /// is in flight, and adds the weights' registers to `inUse`. With turns, one
  /// begins here, and ends where the next warpgroup is to begin.
  Value issueChunks(Value step, Value products, Value values, Value output,
                    SmallVectorImpl<Value> &inUse);
  /// After how many keys of a chunked step the turn passes on.
  int64_t getKeysOfTurn();
  /// Whether a chunked step's first weights are to wait for all that is waited
  /// for before them.
  bool mustFenceChunks();
  /// The first step's products alone.
  Value awaitFirstProducts(Value step, Value cursor);
  Value await(Value pending, ValueRange keep, int64_t inFlight = 0) {
    return AwaitOp::create(b, pending, keep, inFlight).getFragments()[0];
  }
  Value advance(Value cursor) { return AdvanceOp::create(b, cursor); }
  Value add(Value value, int64_t offset) {
    Value constant = arith::ConstantIntOp::create(b, b.getLoc(), offset, 32);
    return b.createOrFold<arith::AddIOp>(value, constant);
  }
  Value one() { return arith::ConstantIntOp::create(b, b.getLoc(), 1, 32); }

  KeyLoop &keyLoop;
  Turns turns;
  WarpSpecializeOp roles;
  ImplicitLocOpBuilder b;
};
} // namespace

Value LoopWriter::awaitFirstProducts(Value step, Value cursor) {
  Value pending = keyLoop.issueProducts(b, step, cursor);
  CommitOp::create(b);
  Value products = await(pending, {});
  keyLoop.releaseKeys(b, cursor);
  return products;
}

LoopWriter::Carried LoopWriter::writePipelined() {
  scf::ForOp old = keyLoop.getLoop();
  Value first = old.getLowerBound();
  Value products = awaitFirstProducts(first, keyLoop.getKeyCursorInit());
  Value second = advance(keyLoop.getKeyCursorInit());
  // Whether the next step's tiles are there is asked before the sigmoid, which
  // hides the answer's latency, and read after it. Behind the last step there
  // may be no more.
  Value keysReady = keyLoop.askForKeys(b, second);
  Value valuesReady = keyLoop.askForValues(b, keyLoop.getValueCursorInit());
  Value weights = keyLoop.round(b, keyLoop.createWeights(b, first, products));
  auto loop = scf::ForOp::create(
      b, add(first, 1), old.getUpperBound(), one(),
      ValueRange{keyLoop.getOutputInit(), weights, second,
                 keyLoop.getValueCursorInit(), keysReady, valuesReady});
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value output = loop.getRegionIterArg(0), last = loop.getRegionIterArg(1);
    Value keyCursor = loop.getRegionIterArg(2);
    Value valueCursor = loop.getRegionIterArg(3);
    Value step = loop.getInductionVar();
    turns.wait(b);
    Value pendingProducts =
        keyLoop.issueProducts(b, step, keyCursor, loop.getRegionIterArg(4));
    CommitOp::create(b);
    Value values =
        keyLoop.waitForValues(b, valueCursor, loop.getRegionIterArg(5));
    Value pendingOutput = keyLoop.issueOutput(b, last, values, output);
    CommitOp::create(b);
    turns.pass(b);
    Value nextProducts = await(pendingProducts, {}, /*inFlight=*/1);
    keyLoop.releaseKeys(b, keyCursor);
    Value nextKey = advance(keyCursor), nextValue = advance(valueCursor);
    keysReady = keyLoop.askForKeys(b, nextKey);
    valuesReady = keyLoop.askForValues(b, nextValue);
    Value next = keyLoop.createWeights(b, step, nextProducts);
    // Rounding waits: the registers of the last weights are still being read.
    next = PinOp::create(b, next);
    Value sum = await(pendingOutput, last);
    keyLoop.releaseValues(b, valueCursor);
    scf::YieldOp::create(b, ValueRange{sum, keyLoop.round(b, next), nextKey,
                                       nextValue, keysReady, valuesReady});
  }
  Value valueCursor = loop.getResult(3);
  Value values = keyLoop.waitForValues(b, valueCursor, loop.getResult(5));
  Value pending =
      keyLoop.issueOutput(b, loop.getResult(1), values, loop.getResult(0));
  CommitOp::create(b);
  Value output = await(pending, loop.getResult(1));
  keyLoop.releaseValues(b, valueCursor);
  return {output, loop.getResult(2), advance(valueCursor)};
}

/// What a deferred loop carries before the weights that are not finished:
/// output, cursors of keys and values, whether those are there.
static constexpr unsigned kNumCarriedBeforeWeights = 5;

bool LoopWriter::canDefer() {
  if (!keyLoop.hasDecisions())
    return false;
  // Scores of two steps, one step's rounded weights and the output, with a few
  // registers for all else.
  constexpr int64_t kOthers = 16;
  int64_t keys = keyLoop.getKeys();
  auto output = cast<FragmentType>(keyLoop.getOutputInit().getType());
  return keys + keys / 4 + output.getCols() / 2 + kOthers <=
         static_cast<int64_t>(roles.getConsumerRegisters());
}

void LoopWriter::writeDeferredStep(scf::ForOp loop) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  ValueRange carried = loop.getRegionIterArgs();
  Value keyCursor = carried[1], valueCursor = carried[2];
  Value step = loop.getInductionVar();
  turns.wait(b);
  Value pendingProducts = keyLoop.issueProducts(b, step, keyCursor, carried[3]);
  CommitOp::create(b);
  Value last = keyLoop.finishWeights(
      b, add(step, -1), carried.drop_front(kNumCarriedBeforeWeights));
  Value values = keyLoop.waitForValues(b, valueCursor, carried[4]);
  Value pendingOutput = keyLoop.issueOutput(b, last, values, carried[0]);
  CommitOp::create(b);
  turns.pass(b);
  Value products = await(pendingProducts, {}, /*inFlight=*/1);
  keyLoop.releaseKeys(b, keyCursor);
  Value nextKey = advance(keyCursor), nextValue = advance(valueCursor);
  Value keysReady = keyLoop.askForKeys(b, nextKey);
  Value valuesReady = keyLoop.askForValues(b, nextValue);
  SmallVector<Value> started = keyLoop.startWeights(b, step, products);
  for (Value &value : started)
    if (isa<FragmentType>(value.getType()))
      value = PinOp::create(b, value);
  // Or the wait would move up, to where the output, issued late, is not there.
  createFence(b);
  Value sum = await(pendingOutput, last);
  keyLoop.releaseValues(b, valueCursor);
  SmallVector<Value> yielded = {sum, nextKey, nextValue, keysReady,
                                valuesReady};
  llvm::append_range(yielded, started);
  scf::YieldOp::create(b, yielded);
}

LoopWriter::Carried LoopWriter::writeDeferred() {
  scf::ForOp old = keyLoop.getLoop();
  Value first = old.getLowerBound(), end = old.getUpperBound();
  Value products = awaitFirstProducts(first, keyLoop.getKeyCursorInit());
  Value second = advance(keyLoop.getKeyCursorInit());
  SmallVector<Value> inits = {
      keyLoop.getOutputInit(), second, keyLoop.getValueCursorInit(),
      keyLoop.askForKeys(b, second),
      keyLoop.askForValues(b, keyLoop.getValueCursorInit())};
  llvm::append_range(inits, keyLoop.startWeights(b, first, products));
  auto loop = scf::ForOp::create(b, add(first, 1), end, one(), inits);
  writeDeferredStep(loop);
  Value last = keyLoop.finishWeights(
      b, add(end, -1), loop.getResults().drop_front(kNumCarriedBeforeWeights));
  Value valueCursor = loop.getResult(2);
  Value values = keyLoop.waitForValues(b, valueCursor, loop.getResult(4));
  Value pending = keyLoop.issueOutput(b, last, values, loop.getResult(0));
  CommitOp::create(b);
  Value output = await(pending, last);
  keyLoop.releaseValues(b, valueCursor);
  return {output, loop.getResult(1), advance(valueCursor)};
}

int64_t LoopWriter::getKeysOfTurn() {
  // Turns that begin at equal distances fill a step. One warpgroup alone cannot
  // keep the unit for tanh busy, so the next one begins long before this one's
  // weights are done; an eighth more than its share was best with 2 and 3
  // warpgroups (docs/performance.md).
  int64_t share = keyLoop.getKeys() * 9 / (8 * roles.getNumConsumers());
  return std::clamp(share / kChunkKeys * kChunkKeys, kChunkKeys,
                    keyLoop.getKeys());
}

bool LoopWriter::mustFenceChunks() {
  // ptxas would move the first chunk's tanh above the barriers before it, and
  // its rounding and product would come late. With few warpgroups that is
  // faster, and where a decision comes first there is no tanh to move.
  constexpr int64_t kManyWarpgroups = 3;
  return turns || (roles.getNumConsumers() >= kManyWarpgroups &&
                   !keyLoop.hasDecisions());
}

Value LoopWriter::issueChunks(Value step, Value products, Value values,
                              Value output, SmallVectorImpl<Value> &inUse) {
  auto type = cast<TileType>(values.getType());
  auto rows = TileType::get(b.getContext(), kChunkKeys, type.getCols(),
                            type.getElementType(), type.getBoxRows());
  turns.wait(b);
  if (mustFenceChunks())
    createFence(b);
  IRMapping prepared;
  int64_t keys = keyLoop.getKeys(), keysOfTurn = getKeysOfTurn(), start = 0;
  int64_t keysOfDecision = keyLoop.hasDecisions() ? kDecisionKeys : keys;
  for (int64_t first = 0; first < keys; first += kChunkKeys) {
    if (first % keysOfDecision == 0) {
      start = first;
      prepared = keyLoop.prepareWeights(b, step, products, start,
                                        std::min(keysOfDecision, keys - start));
    }
    Value weights = keyLoop.round(
        b, keyLoop.createWeightsOf(b, prepared, start, first, kChunkKeys));
    Value row = arith::ConstantIntOp::create(b, b.getLoc(), first, 32);
    Value part = SliceOp::create(b, rows, values, row, 0);
    output = keyLoop.issueOutput(b, weights, part, output);
    inUse.push_back(weights);
    if (first + kChunkKeys == keysOfTurn)
      turns.pass(b);
  }
  return output;
}

bool LoopWriter::makeWhole() {
  // Measured (docs/Rationale.md). In the exact form the last step gains by it;
  // elsewhere it would cost a product that grows with columns.
  constexpr int64_t kFewColumns = 64;
  auto output = cast<FragmentType>(keyLoop.getOutputInit().getType());
  if (!keyLoop.hasDecisions() || keyLoop.hasPositions() ||
      output.getCols() > kFewColumns || keyLoop.getHeadDim() > kFewColumns)
    return false;
  FailureOr<KeyProducer> producer = KeyProducer::match(keyLoop, roles);
  if (succeeded(producer))
    producer->loadTileBehind();
  return succeeded(producer);
}

void LoopWriter::writeChunkedStep(scf::ForOp loop, bool isWhole) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  ValueRange carried = loop.getRegionIterArgs();
  Value keyCursor = carried[2], valueCursor = carried[3];
  Value step = loop.getInductionVar();
  Value values = keyLoop.waitForValues(b, valueCursor, carried[4]);
  // Asked before the sigmoid, which hides the answer's latency.
  Value keysReady = keyLoop.askForKeys(b, keyCursor, /*areSure=*/true);
  Value nextValue = advance(valueCursor);
  SmallVector<Value> inUse;
  Value pendingOutput =
      issueChunks(step, carried[1], values, carried[0], inUse);
  Value pendingProducts =
      keyLoop.issueProducts(b, add(step, 1), keyCursor, keysReady);
  CommitOp::create(b);
  Value valuesReady = keyLoop.askForValues(b, nextValue, /*areSure=*/!isWhole);
  auto both =
      AwaitOp::create(b, ValueRange{pendingOutput, pendingProducts}, inUse);
  keyLoop.releaseValues(b, valueCursor);
  keyLoop.releaseKeys(b, keyCursor);
  scf::YieldOp::create(b, ValueRange{both.getFragments()[0],
                                     both.getFragments()[1], advance(keyCursor),
                                     nextValue, valuesReady});
}

LoopWriter::Carried LoopWriter::writeChunked(bool isWhole) {
  scf::ForOp old = keyLoop.getLoop();
  Value first = old.getLowerBound(), end = old.getUpperBound();
  if (!isWhole)
    end = add(end, -1);
  Value products = awaitFirstProducts(first, keyLoop.getKeyCursorInit());
  auto loop = scf::ForOp::create(
      b, first, end, one(),
      ValueRange{keyLoop.getOutputInit(), products,
                 advance(keyLoop.getKeyCursorInit()),
                 keyLoop.getValueCursorInit(),
                 keyLoop.askForValues(b, keyLoop.getValueCursorInit(),
                                      /*areSure=*/true)});
  writeChunkedStep(loop, isWhole);
  Value valueCursor = loop.getResult(3);
  if (isWhole)
    return {loop.getResult(0), loop.getResult(2), valueCursor};
  Value values = keyLoop.waitForValues(b, valueCursor, loop.getResult(4));
  SmallVector<Value> inUse;
  Value pending =
      issueChunks(end, loop.getResult(1), values, loop.getResult(0), inUse);
  CommitOp::create(b);
  Value output = await(pending, inUse);
  keyLoop.releaseValues(b, valueCursor);
  return {output, loop.getResult(2), advance(valueCursor)};
}

void LoopWriter::write(OverlapForm form) {
  scf::ForOp old = keyLoop.getLoop();
  bool isWhole = form == OverlapForm::Chunked && makeWhole();
  Carried inits{keyLoop.getOutputInit(), keyLoop.getKeyCursorInit(),
                keyLoop.getValueCursorInit()};
  Value isAny = arith::CmpIOp::create(b, arith::CmpIPredicate::slt,
                                      old.getLowerBound(), old.getUpperBound());
  auto branch = scf::IfOp::create(b, ValueRange(inits).getTypes(), isAny,
                                  /*withElseRegion=*/true);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, inits);
  b.setInsertionPointToStart(branch.thenBlock());
  Carried results = form == OverlapForm::Chunked ? writeChunked(isWhole)
                    : canDefer()                 ? writeDeferred()
                                                 : writePipelined();
  scf::YieldOp::create(b, results);
  for (auto [from, to] : llvm::zip(keyLoop.getResults(), branch.getResults()))
    from.replaceAllUsesWith(to);
  old.erase();
}

namespace {
struct PipelineKeyLoopPass
    : public sm90::impl::PipelineKeyLoopPassBase<PipelineKeyLoopPass> {
  using PipelineKeyLoopPassBase::PipelineKeyLoopPassBase;

  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation()->walk([&](scf::ForOp loop) {
      if (loop->hasAttrOfType<OverlapAttr>(kOverlapAttrName))
        loops.push_back(loop);
    });
    for (scf::ForOp loop : loops)
      if (failed(pipeline(loop)))
        return signalPassFailure();
  }

private:
  LogicalResult pipeline(scf::ForOp loop);
};
} // namespace

LogicalResult PipelineKeyLoopPass::pipeline(scf::ForOp loop) {
  auto overlap = loop->getAttrOfType<OverlapAttr>(kOverlapAttrName);
  auto roles = loop->getParentOfType<WarpSpecializeOp>();
  if (!roles || !roles.getConsumer().isAncestor(loop->getParentRegion()))
    return loop.emitOpError("expected a key loop in a consumer region");
  if (failed(KeyLoop::checkSteps(loop)))
    return failure();
  FailureOr<KeyLoop> keyLoop = KeyLoop::match(loop);
  if (failed(keyLoop))
    return failure();
  Turns turns = overlap.getTurns() ? Turns::create(roles) : Turns();
  LoopWriter(*keyLoop, turns, roles).write(overlap.getForm());
  return success();
}
