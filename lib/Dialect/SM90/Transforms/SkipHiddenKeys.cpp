//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lets a warpgroup pass over the keys that none of its rows sees.
//
//===----------------------------------------------------------------------===//

#include "KeyLoop.h"
#include "StepRange.h"

#include "sigmoid-attn/Dialect/SM90/Transforms/NamedBarriers.h"
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Matchers.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_SKIPHIDDENKEYSPASS
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using namespace mlir::sm90;

/// The branch that gives the loop's weights, if its other side gives zeros.
static scf::IfOp findVisible(KeyLoop &keyLoop) {
  auto branch = keyLoop.getWeights().getDefiningOp<scf::IfOp>();
  if (!branch || branch.getNumResults() != 1)
    return {};
  auto hidden = branch.elseYield().getOperand(0).getDefiningOp<SplatOp>();
  if (!hidden || !matchPattern(hidden.getValue(), m_AnyZeroFloat()))
    return {};
  return branch;
}

/// Whether what drains a slot needs nothing of the loop but the cursors.
static bool canDrain(KeyLoop &keyLoop) {
  scf::ForOp loop = keyLoop.getLoop();
  SmallVector<BlockArgument, 2> cursors = keyLoop.getCursors();
  return llvm::all_of(loop.getBody()->without_terminator(), [&](Operation &op) {
    return !isa<WaitOp, ReleaseOp, AdvanceOp>(op) ||
           llvm::all_of(op.getOperands(), [&](Value operand) {
             return loop.isDefinedOutsideOfLoop(operand) ||
                    llvm::is_contained(cursors, operand);
           });
  });
}

/// Steps [from, to), in which the slots at `cursors` are waited for and given
/// back. Returns the cursors behind them.
static SmallVector<Value> createDrain(ImplicitLocOpBuilder &builder,
                                      KeyLoop &keyLoop, Value from, Value to,
                                      ValueRange cursors) {
  scf::ForOp loop = keyLoop.getLoop();
  auto drain = scf::ForOp::create(builder, from, to, loop.getStep(), cursors);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(drain.getBody());
  IRMapping mapping;
  mapping.map(keyLoop.getCursors(), drain.getRegionIterArgs());
  for (WaitOp wait : loop.getBody()->getOps<WaitOp>())
    builder.clone(*wait, mapping);
  // One thread releases for the warpgroup. Without a product that keeps its
  // warps together, another one might still wait when the slot is filled again,
  // and once more, and never see it full. The barrier also keeps each warp
  // together: ptxas would else take cursors for different in each lane, and out
  // of uniform registers in the key loop too.
  createWarpgroupBarrier(
      builder, loop->getParentOfType<WarpSpecializeOp>().getWarpgroup());
  for (Operation &op : loop.getBody()->without_terminator())
    if (isa<ReleaseOp, AdvanceOp>(op))
      builder.clone(op, mapping);
  SmallVector<Value> next;
  for (BlockArgument cursor : keyLoop.getCursors())
    next.push_back(mapping.lookup(loop.getTiedLoopYieldedValue(cursor)->get()));
  scf::YieldOp::create(builder, next);
  return llvm::to_vector_of<Value>(drain.getResults());
}

/// Leaves the loop the steps of `range`, and drains those before and behind.
static void skip(KeyLoop &keyLoop, scf::IfOp visible, const StepRange &range) {
  scf::ForOp loop = keyLoop.getLoop();
  ImplicitLocOpBuilder b(loop.getLoc(), loop);
  Value lower = loop.getLowerBound(), upper = loop.getUpperBound();
  StepRange seen = range.clamp(b, lower, upper);
  SmallVector<BlockArgument, 2> cursors = keyLoop.getCursors();
  if (range.begin) {
    SmallVector<Value> inits;
    for (BlockArgument cursor : cursors)
      inits.push_back(loop.getTiedLoopInit(cursor)->get());
    SmallVector<Value> behind =
        createDrain(b, keyLoop, lower, seen.begin, inits);
    for (auto [cursor, value] : llvm::zip_equal(cursors, behind))
      loop.getTiedLoopInit(cursor)->set(value);
  }
  loop.setLowerBound(seen.begin);
  loop.setUpperBound(seen.end);
  if (range.end) {
    SmallVector<Value> results;
    for (BlockArgument cursor : cursors)
      results.push_back(loop.getTiedLoopResult(cursor));
    b.setInsertionPointAfter(loop);
    SmallVector<Value> behind =
        createDrain(b, keyLoop, seen.end, upper, results);
    Operation *drain = behind.front().getDefiningOp();
    for (auto [result, value] : llvm::zip_equal(results, behind))
      result.replaceAllUsesExcept(value, drain);
  }
  resolveBranch(visible, /*isTaken=*/true);
}

namespace {
struct SkipHiddenKeysPass
    : public sm90::impl::SkipHiddenKeysPassBase<SkipHiddenKeysPass> {
  using SkipHiddenKeysPassBase::SkipHiddenKeysPassBase;

  void runOnOperation() override {
    SmallVector<scf::ForOp> loops;
    getOperation()->walk([&](WarpSpecializeOp roles) {
      roles.getConsumer().walk([&](scf::ForOp loop) {
        auto overlap = loop->getAttrOfType<OverlapAttr>(kOverlapAttrName);
        // With turns every warpgroup has to take as many steps.
        if (overlap && !overlap.getTurns())
          loops.push_back(loop);
      });
    });
    for (scf::ForOp loop : loops)
      if (failed(skipIn(loop)))
        return signalPassFailure();
  }

private:
  LogicalResult skipIn(scf::ForOp loop) {
    FailureOr<KeyLoop> keyLoop = KeyLoop::match(loop);
    if (failed(keyLoop))
      return failure();
    scf::IfOp visible = findVisible(*keyLoop);
    if (!visible || !canDrain(*keyLoop))
      return success();
    std::optional<StepRange> range =
        StepRange::read(loop, visible.getCondition());
    if (range)
      skip(*keyLoop, visible, *range);
    return success();
  }
};
} // namespace
