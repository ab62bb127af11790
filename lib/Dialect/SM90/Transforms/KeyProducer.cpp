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

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::sm90;

LogicalResult KeyProducer::matchUsers(KeyLoop &keyLoop,
                                      WarpSpecializeOp roles) {
  for (Operation *user : keyLoop.getKeyRing().getUsers()) {
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
  if (!reserve || !matchPattern(loop.getStep(), m_One()))
    return failure();
  cursor = dyn_cast<BlockArgument>(reserve.getCursor());
  if (!cursor || cursor.getOwner() != loop.getBody())
    return failure();
  auto advance =
      loop.getTiedLoopYieldedValue(cursor)->get().getDefiningOp<AdvanceOp>();
  return success(advance && advance.getCursor() == cursor);
}

LogicalResult KeyProducer::matchLoads() {
  Value ring = reserve.getRing();
  for (Operation &op : loop.getBody()->without_terminator()) {
    bool usesRing = llvm::is_contained(op.getOperands(), ring);
    bool canBeCopied = llvm::all_of(op.getOperands(), [&](Value operand) {
      Operation *source = operand.getDefiningOp();
      return !source || source->getBlock() != loop.getBody() ||
             llvm::is_contained(loads, source);
    });
    if (usesRing && !canBeCopied)
      return failure();
    bool isPure = isMemoryEffectFree(&op) && op.getNumRegions() == 0;
    if (usesRing || (isPure && canBeCopied))
      loads.push_back(&op);
  }
  return success();
}

FailureOr<KeyProducer> KeyProducer::match(KeyLoop &keyLoop,
                                          WarpSpecializeOp roles) {
  KeyProducer result;
  if (failed(result.matchUsers(keyLoop, roles)) || failed(result.matchLoads()))
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
