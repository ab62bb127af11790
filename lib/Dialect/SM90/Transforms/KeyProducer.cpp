//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Recognises the producer's loop over keys, and has it load one tile more.
//
//===----------------------------------------------------------------------===//

#include "KeyProducer.h"

#include "StepRange.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::sm90;

/// Whether two values are the same, or computed alike from the same ones.
static bool isSame(Value a, Value b) {
  if (a == b)
    return true;
  Operation *first = a.getDefiningOp(), *second = b.getDefiningOp();
  return first && second && first->getNumRegions() == 0 && isPure(first) &&
         cast<OpResult>(a).getResultNumber() ==
             cast<OpResult>(b).getResultNumber() &&
         OperationEquivalence::isEquivalentTo(
             first, second,
             [](Value x, Value y) { return success(isSame(x, y)); },
             /*markEquivalent=*/nullptr, OperationEquivalence::IgnoreLocations);
}

LogicalResult KeyProducer::matchUsers(Value ring, KeyLoop &keyLoop,
                                      WarpSpecializeOp roles) {
  reserve = {};
  for (Operation *user : ring.getUsers()) {
    if (keyLoop.getLoop()->isAncestor(user))
      continue;
    auto parent = dyn_cast<scf::ForOp>(user->getParentOp());
    if (!parent || (loop && loop != parent) ||
        !roles.getProducer().isAncestor(user->getParentRegion()))
      return failure();
    loop = parent;
    if (auto found = dyn_cast<ReserveOp>(user)) {
      if (reserve)
        return failure();
      reserve = found;
    }
  }
  return success(reserve != nullptr);
}

/// Whether the cursor has no other's name before and behind the loop. Cursors
/// that go up alike may share one, but no longer do go up alike.
static bool standsAlone(scf::ForOp loop, BlockArgument cursor) {
  Value init = loop.getTiedLoopInit(cursor)->get();
  Value result = loop.getTiedLoopResult(cursor);
  return (init.getDefiningOp<StartOp>() || init.hasOneUse()) &&
         (result.use_empty() || result.hasOneUse());
}

LogicalResult KeyProducer::matchCursor() {
  cursor = dyn_cast<BlockArgument>(reserve.getCursor());
  if (!cursor || cursor.getOwner() != loop.getBody())
    return failure();
  auto advance =
      loop.getTiedLoopYieldedValue(cursor)->get().getDefiningOp<AdvanceOp>();
  bool isOwn = llvm::all_of(cursor.getUsers(), [&](Operation *user) {
    return user == advance ||
           llvm::is_contained(user->getOperands(), reserve.getRing());
  });
  return success(advance && advance.getCursor() == cursor && isOwn &&
                 advance->hasOneUse() && standsAlone(loop, cursor));
}

LogicalResult KeyProducer::matchLoads(Value keyRing, Value valueRing) {
  for (Operation &op : loop.getBody()->without_terminator()) {
    bool bringsKeys = llvm::is_contained(op.getOperands(), keyRing);
    bool canBeCopied = llvm::all_of(op.getOperands(), [&](Value operand) {
      Operation *source = operand.getDefiningOp();
      return !source || source->getBlock() != loop.getBody() ||
             llvm::is_contained(loads, source);
    });
    bool isOther = !bringsKeys && !isMemoryEffectFree(&op) &&
                   !llvm::is_contained(op.getOperands(), valueRing);
    if (isOther || (bringsKeys && !canBeCopied))
      return failure();
    if (bringsKeys || (isPure(&op) && op.getNumRegions() == 0 && canBeCopied))
      loads.push_back(&op);
  }
  return success();
}

bool KeyProducer::comesBehindOthers(KeyLoop &keyLoop, WarpSpecializeOp roles) {
  // Consumers give a slot of keys back in their first step, so the one behind
  // the last step's is waited for until then. What they take before, which may
  // be all that another loop takes, must be there.
  auto isBefore = [&](Operation *user) {
    return !isa<ReserveOp>(user) || (user->getBlock() == loop->getBlock() &&
                                     user->isBeforeInBlock(loop));
  };
  WalkResult walked = roles.getConsumer().walk([&](WaitOp wait) {
    if (keyLoop.getLoop()->isAncestor(wait) ||
        wait.getRing().getType().isMessage() ||
        llvm::all_of(wait.getRing().getUsers(), isBefore))
      return WalkResult::advance();
    return WalkResult::interrupt();
  });
  return !walked.wasInterrupted();
}

FailureOr<KeyProducer> KeyProducer::match(KeyLoop &keyLoop,
                                          WarpSpecializeOp roles) {
  Value keys = keyLoop.getKeyRing(), values = keyLoop.getValueRing();
  scf::ForOp steps = keyLoop.getLoop();
  KeyProducer result;
  if (failed(result.matchUsers(values, keyLoop, roles)) ||
      failed(result.matchUsers(keys, keyLoop, roles)) ||
      failed(result.matchCursor()) || failed(result.matchLoads(keys, values)) ||
      !standsAlone(steps, keyLoop.getCursors()[0]) || !keyLoop.canGoBehind())
    return failure();
  scf::ForOp loop = result.loop;
  if (!result.comesBehindOthers(keyLoop, roles) || !countsByOnes(loop) ||
      !isSame(loop.getLowerBound(), steps.getLowerBound()) ||
      !isSame(loop.getUpperBound(), steps.getUpperBound()))
    return failure();
  return result;
}

void KeyProducer::loadTileBehind() {
  ImplicitLocOpBuilder b(loop.getLoc(), loop);
  Value isAny = arith::CmpIOp::create(
      b, arith::CmpIPredicate::slt, loop.getLowerBound(), loop.getUpperBound());
  auto branch = scf::IfOp::create(b, loop.getResultTypes(), isAny,
                                  /*withElseRegion=*/true);
  loop.replaceAllUsesWith(branch.getResults());
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loop.getInitArgs());
  b.setInsertionPointToStart(branch.thenBlock());
  loop->remove();
  b.insert(loop);
  IRMapping mapping;
  mapping.map(loop.getInductionVar(), loop.getUpperBound());
  mapping.map(loop.getRegionIterArgs(), loop.getResults());
  SmallVector<Operation *> copies;
  for (Operation *op : loads)
    copies.push_back(b.clone(*op, mapping));
  SmallVector<Value> results(loop.getResults());
  results[cursor.getArgNumber() - 1] =
      mapping.lookup(loop.getTiedLoopYieldedValue(cursor)->get());
  scf::YieldOp::create(b, results);
  for (Operation *copy : llvm::reverse(copies))
    if (isOpTriviallyDead(copy))
      copy->erase();
}
