//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sends weights of the short series to their product before it is known that
// the series does, and takes them back where it does not.
//
//===----------------------------------------------------------------------===//

#include "FragmentMaps.h"
#include "SpeculativeStep.h"

#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_SPECULATEWEIGHTSPASS
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using namespace mlir::sm90;

/// Loops of fewer steps take quotients in each.
static constexpr int64_t kFewSteps = 8;
/// How many steps take quotients when one did not go well, and by how much they
/// become more each time that this was in a run of fewer than kLongRun steps.
static constexpr int64_t kFirstQuotients = 1;
static constexpr int64_t kGrowth = 4;
static constexpr int64_t kLongRun = 8;

namespace {
/// Writes the loops that take the place of one.
class LoopsWriter {
public:
  explicit LoopsWriter(DecidedLoop decided)
      : decided(decided), loop(decided.loop), b(loop.getLoc(), loop),
        step(decided, b) {}

  void write();

private:
  /// What the loop over runs carries before what the loop does: the step it is
  /// at; how many steps from there take quotients, and how many will after the
  /// next short run; and whether the step had its turn in a run.
  enum Carried { Step, Quotients, Growing, Again, kNumCarried };

  /// Keeps a step's powers together, in both of its copies.
  void fence();
  /// The loop with quotients and no decisions, for as many steps as is carried.
  SmallVector<Value> writeQuotients(ValueRange carried);
  /// A run of steps that do not, from `begin` to the first that should have.
  /// Returns what the loop over runs carries on.
  SmallVector<Value> writeRun(Value begin, Value growing, ValueRange values);
  /// The loop of a run. Its results: whether the last step went well, its
  /// number, what the loop carried there, and what crosses from its first half.
  scf::WhileOp writeSteps(Value begin, ValueRange values);
  /// The names of a step that the loop of a run passes on.
  IRMapping mapStep(ValueRange values);
  /// How many steps take quotients after a run of `length` steps, and how many
  /// after the next short one.
  std::pair<Value, Value> grow(Value length, Value growing);

  Value getInt(int64_t value) {
    Type type = loop.getInductionVar().getType();
    return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
  }
  Value getBit(bool value) {
    return arith::ConstantOp::create(b, b.getBoolAttr(value));
  }
  Value isLess(Value left, Value right) {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, left, right);
  }
  Value select(Value condition, Value yes, Value no) {
    return arith::SelectOp::create(b, condition, yes, no);
  }
  Value next(Value number) {
    return arith::AddIOp::create(b, number, getInt(1));
  }
  Value invert(Value condition) {
    return arith::XOrIOp::create(b, condition, getBit(true));
  }

  DecidedLoop decided;
  scf::ForOp loop;
  ImplicitLocOpBuilder b;
  SpeculativeStep step;
};
} // namespace

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

scf::WhileOp LoopsWriter::writeSteps(Value begin, ValueRange values) {
  SmallVector<Value> inits = {begin};
  llvm::append_range(inits, values);
  SmallVector<Type> types = {b.getI1Type()};
  llvm::append_range(types, ValueRange(inits).getTypes());
  llvm::append_range(types, step.getCrossing().getTypes());
  auto steps = scf::WhileOp::create(b, types, inits);
  OpBuilder::InsertionGuard guard(b);
  auto addBlock = [&](Region &region, TypeRange types) {
    return b.createBlock(&region, {}, types,
                         SmallVector<Location>(types.size(), b.getLoc()));
  };
  Block *before = addBlock(steps.getBefore(), ValueRange(inits).getTypes());
  IRMapping first;
  first.map(loop.getInductionVar(), before->getArgument(0));
  first.map(loop.getRegionIterArgs(), before->getArguments().drop_front());
  Value isRight = step.issueWeights(first);
  SmallVector<Value> passed = {isRight};
  llvm::append_range(passed, before->getArguments());
  for (Value value : step.getCrossing())
    passed.push_back(first.lookup(value));
  Value isMore = isLess(next(before->getArgument(0)), loop.getUpperBound());
  Value goesOn = arith::AndIOp::create(b, isRight, isMore);
  scf::ConditionOp::create(b, goesOn, passed);

  Block *after = addBlock(steps.getAfter(), types);
  ValueRange arguments = after->getArguments().drop_front();
  IRMapping second = mapStep(arguments);
  SmallVector<Value> yielded = {next(arguments.front())};
  llvm::append_range(yielded, step.finish(second));
  scf::YieldOp::create(b, yielded);
  return steps;
}

IRMapping LoopsWriter::mapStep(ValueRange values) {
  IRMapping mapping;
  mapping.map(loop.getInductionVar(), values.front());
  size_t numCarried = loop.getNumResults();
  mapping.map(loop.getRegionIterArgs(), values.slice(1, numCarried));
  mapping.map(step.getCrossing(), values.drop_front(1 + numCarried));
  return mapping;
}

std::pair<Value, Value> LoopsWriter::grow(Value length, Value growing) {
  Value isShort = isLess(length, getInt(kLongRun));
  Value number = select(isShort, growing, getInt(kFirstQuotients));
  // No more than there are. Steps are 16 keys or more, so that four times their
  // number fits.
  Value grown = arith::MulIOp::create(b, number, getInt(kGrowth));
  return {number, arith::MinSIOp::create(b, grown, loop.getUpperBound())};
}

SmallVector<Value> LoopsWriter::writeRun(Value begin, Value growing,
                                         ValueRange values) {
  unsigned output = decided.getOutputNumber();
  SmallVector<Value> scaled(values);
  scaled[output] = step.multiply(values[output], step.getScale());
  ValueRange results = writeSteps(begin, scaled).getResults();
  Value isRight = results[0], number = results[1];
  IRMapping mapping = mapStep(results.drop_front());
  SmallVector<Type> types = {number.getType()};
  llvm::append_range(types, values.getTypes());
  auto end = scf::IfOp::create(b, types, isRight, /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(end.thenBlock());
    IRMapping last = mapping;
    SmallVector<Value> finished = {next(number)};
    llvm::append_range(finished, step.finish(last));
    scf::YieldOp::create(b, finished);
    b.setInsertionPointToStart(end.elseBlock());
    SmallVector<Value> weights = step.getWeights(mapping);
    Value complete =
        AwaitOp::create(b, step.getSum(mapping), weights).getFragments()[0];
    SmallVector<Value> unchanged(results.slice(1, 1 + values.size()));
    unchanged[1 + output] = step.takeBack(mapping, complete);
    scf::YieldOp::create(b, unchanged);
  }
  Value length = arith::SubIOp::create(b, number, begin);
  auto [quotients, grown] = grow(length, growing);
  SmallVector<Value> all = {end.getResult(0), quotients, grown,
                            invert(isRight)};
  llvm::append_range(all, end.getResults().drop_front());
  Value &sum = all[kNumCarried + output];
  sum = step.multiply(sum, 1 / step.getScale());
  return all;
}

//===----------------------------------------------------------------------===//
// Runs and quotients by turns
//===----------------------------------------------------------------------===//

/// Makes weights quotients that a step of `loop` decides about.
static void takeQuotients(scf::ForOp loop) {
  Block &body = *loop.getBody();
  for (auto branch : llvm::make_early_inc_range(body.getOps<scf::IfOp>()))
    if (MapOp quotients = getQuotients(branch)) {
      quotients->moveBefore(branch);
      branch->replaceAllUsesWith(quotients->getResults());
      branch->erase();
    }
  // Votes have effects, and so would stay.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
    if (op.use_empty() && isa<FoldOp, arith::CmpIOp, NVVM::VoteSyncOp>(op))
      op.erase();
}

SmallVector<Value> LoopsWriter::writeQuotients(ValueRange carried) {
  Value begin = carried[Step];
  Value end = arith::MinSIOp::create(
      b, arith::AddIOp::create(b, begin, carried[Quotients]),
      loop.getUpperBound());
  auto steps = cast<scf::ForOp>(b.clone(*loop));
  steps->setDiscardableAttr(kResortAttrName, b.getUnitAttr());
  takeQuotients(steps);
  steps.setLowerBound(begin);
  steps.setUpperBound(end);
  steps.getInitArgsMutable().assign(carried.drop_front(kNumCarried));
  SmallVector<Operation *> turns;
  for (Operation &op : *steps.getBody())
    if (isa<NVVM::BarrierOp, NVVM::BarrierArriveOp>(op))
      turns.push_back(&op);
  OpBuilder::InsertionGuard guard(b);
  for (Operation *turn : turns) {
    // A step that is done again has had its turn.
    b.setInsertionPoint(turn);
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                          steps.getInductionVar(), begin);
    Value isAgain = arith::AndIOp::create(b, isFirst, carried[Again]);
    auto branch = scf::IfOp::create(b, invert(isAgain));
    turn->moveBefore(branch.thenBlock()->getTerminator());
  }
  SmallVector<Value> results = {end};
  llvm::append_range(results, steps.getResults());
  return results;
}

void LoopsWriter::fence() {
  // Turns begin with a fence. Without them nothing else keeps the powers, which
  // are the first maps of a step, behind what was waited for.
  if (decided.hasTurns())
    return;
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(*loop.getBody()->getOps<MapOp>().begin());
  createFence(b);
}

void LoopsWriter::write() {
  fence();
  Value steps =
      arith::SubIOp::create(b, loop.getUpperBound(), loop.getLowerBound());
  Value isShort = isLess(steps, getInt(kFewSteps));
  Value hasNoRuns =
      arith::OrIOp::create(b, isShort, invert(step.isLikelyRight()));
  SmallVector<Value> inits = {loop.getLowerBound(),
                              select(hasNoRuns, steps, getInt(0)),
                              getInt(kFirstQuotients), getBit(false)};
  llvm::append_range(inits, loop.getInitArgs());
  auto runs = scf::WhileOp::create(
      b, ValueRange(inits).getTypes(), inits,
      [&](OpBuilder &, Location, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(carried[0].getParentBlock());
        scf::ConditionOp::create(b, isLess(carried[Step], loop.getUpperBound()),
                                 carried);
      },
      [&](OpBuilder &, Location, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(carried[0].getParentBlock());
        SmallVector<Value> values = writeQuotients(carried);
        Value begin = values.front();
        auto run = scf::IfOp::create(b, carried.getTypes(),
                                     isLess(begin, loop.getUpperBound()),
                                     /*withElseRegion=*/true);
        values.erase(values.begin());
        b.setInsertionPointToStart(run.thenBlock());
        scf::YieldOp::create(b, writeRun(begin, carried[Growing], values));
        b.setInsertionPointToStart(run.elseBlock());
        SmallVector<Value> ended = {begin, getInt(0), carried[Growing],
                                    getBit(false)};
        llvm::append_range(ended, values);
        scf::YieldOp::create(b, ended);
        b.setInsertionPointAfter(run);
        scf::YieldOp::create(b, run.getResults());
      });
  loop.replaceAllUsesWith(runs.getResults().drop_front(kNumCarried));
  loop.erase();
}

/// Whether runs are worth their registers. Where the output is wide, products
/// take longer than quotients; where a step has many keys and tiles are dealt
/// out by tickets, ptxas spills.
static bool isWorthRuns(DecidedLoop &decided) {
  constexpr int64_t kFewColumns = 64;
  auto cols = decided.chunks.front().product.getType().getCols();
  bool drawsTickets =
      static_cast<bool>(decided.loop->getParentOfType<scf::WhileOp>());
  return cols <= kFewColumns && !(drawsTickets && decided.hasManyKeys());
}

namespace {
struct SpeculateWeightsPass
    : public sm90::impl::SpeculateWeightsPassBase<SpeculateWeightsPass> {
  using SpeculateWeightsPassBase::SpeculateWeightsPassBase;

  void runOnOperation() override {
    SmallVector<DecidedLoop> loops;
    getOperation()->walk([&](WarpSpecializeOp roles) {
      roles.getConsumer().walk([&](scf::ForOp loop) {
        FailureOr<DecidedLoop> decided = DecidedLoop::match(loop);
        if (succeeded(decided) && isWorthRuns(*decided))
          loops.push_back(*decided);
      });
    });
    for (DecidedLoop &decided : loops)
      LoopsWriter(decided).write();
  }
};
} // namespace
