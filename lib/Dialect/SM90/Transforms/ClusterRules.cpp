//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows what differs between the blocks of a cluster through the producer.
//
//===----------------------------------------------------------------------===//

#include "ClusterRules.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::sm90;

namespace {
/// The values that may differ between the blocks of a cluster.
class BlockValues {
public:
  explicit BlockValues(KernelOp kernel);

  bool contains(Value value) const { return values.contains(value); }
  bool containsAny(ValueRange range) const {
    return llvm::any_of(range, [&](Value value) { return contains(value); });
  }

private:
  void add(ValueRange range) {
    for (Value value : range)
      hasChanged |= values.insert(value).second;
  }
  /// Adds the second values where the first ones differ.
  void addWith(ValueRange from, ValueRange to) {
    for (auto [a, b] : llvm::zip(from, to))
      if (contains(a))
        add(b);
  }
  void visit(Operation *op);
  void visitFor(scf::ForOp loop);
  void visitWhile(scf::WhileOp loop);
  void visitIf(scf::IfOp branch);

  DenseSet<Value> values;
  bool hasChanged = true;
};
} // namespace

/// Whether `op` gives each block a number of its own.
static bool isSource(Operation *op) {
  if (isa<NVVM::BlockIdXOp, NVVM::BlockInClusterIdXOp, NVVM::ClusterId,
          NVVM::SmIdOp, LLVM::AtomicRMWOp>(op))
    return true;
  auto isUnshared = [](Value ring) {
    return !ring.getDefiningOp<AllocRingOp>().isShared();
  };
  if (auto wait = dyn_cast<WaitOp>(op))
    return isUnshared(wait.getRing());
  auto send = dyn_cast<SendOp>(op);
  return send && isUnshared(send.getRing());
}

BlockValues::BlockValues(KernelOp kernel) {
  // What a loop hands on may reach what was visited before.
  while (hasChanged) {
    hasChanged = false;
    for (Operation &op : kernel.getBody().front())
      if (op.getNumRegions() == 0)
        visit(&op);
    kernel.getRoles().getProducer().walk<WalkOrder::PreOrder>(
        [&](Operation *op) { visit(op); });
  }
}

void BlockValues::visitFor(scf::ForOp loop) {
  if (contains(loop.getLowerBound()) || contains(loop.getStep()))
    add(loop.getInductionVar());
  addWith(loop.getInits(), loop.getRegionIterArgs());
  addWith(loop.getYieldedValues(), loop.getRegionIterArgs());
  addWith(loop.getRegionIterArgs(), loop.getResults());
  if (contains(loop.getLowerBound()) || contains(loop.getUpperBound()) ||
      contains(loop.getStep()))
    add(loop.getResults());
}

void BlockValues::visitWhile(scf::WhileOp loop) {
  addWith(loop.getInits(), loop.getBeforeArguments());
  addWith(loop.getYieldOp().getOperands(), loop.getBeforeArguments());
  ValueRange passed = loop.getConditionOp().getArgs();
  addWith(passed, loop.getAfterArguments());
  addWith(passed, loop.getResults());
  if (contains(loop.getConditionOp().getCondition()))
    add(loop.getResults());
}

void BlockValues::visitIf(scf::IfOp branch) {
  if (branch.getNumResults() == 0)
    return;
  addWith(branch.thenYield().getOperands(), branch.getResults());
  addWith(branch.elseYield().getOperands(), branch.getResults());
  if (contains(branch.getCondition()))
    add(branch.getResults());
}

void BlockValues::visit(Operation *op) {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return visitFor(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return visitWhile(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return visitIf(branch);
  // All blocks receive what the first one sends to a shared ring.
  bool isReceived = isa<SendOp>(op) && !isSource(op);
  if (isSource(op) || (!isReceived && containsAny(op->getOperands())))
    add(op->getResults());
}

/// What decides whether and how often `op`, a loop or branch, runs its body.
static SmallVector<Value> getDecisions(Operation *op) {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()};
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return {loop.getConditionOp().getCondition()};
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return {branch.getCondition()};
  return {};
}

/// Checks an operation of the producer on a shared ring.
static LogicalResult verifyAgreement(Operation *op, AllocRingOp ring,
                                     const BlockValues &differing) {
  auto report = [&](Operation *at, const Twine &message) {
    InFlightDiagnostic error = at->emitOpError(message);
    error.attachNote(ring.getLoc()) << "the ring";
    return error;
  };
  for (Operation *parent = op->getParentOp(); !isa<WarpSpecializeOp>(parent);
       parent = parent->getParentOp())
    if (differing.containsAny(getDecisions(parent)))
      return report(parent, "fills a shared ring, but may differ between the "
                            "blocks of a cluster");
  auto load = dyn_cast<TmaLoadOp>(op);
  if (!load)
    return success();
  for (auto [index, coordinate] : llvm::enumerate(load.getCoordinates()))
    if (differing.contains(coordinate))
      return report(load, "copies a share of a tile into every block, but "
                          "coordinate ")
             << index << " may differ between the blocks of a cluster";
  return success();
}

LogicalResult sm90::verifySharedRings(KernelOp kernel) {
  auto rings = kernel.getBody().getOps<AllocRingOp>();
  if (llvm::none_of(rings, [](AllocRingOp ring) { return ring.isShared(); }))
    return success();
  BlockValues differing(kernel);
  WalkResult result =
      kernel.getRoles().getProducer().walk([&](Operation *op) -> WalkResult {
        if (!isa<ReserveOp, TmaLoadOp, SendOp>(op))
          return WalkResult::advance();
        Value used = isa<TmaLoadOp>(op) ? cast<TmaLoadOp>(op).getRing()
                     : isa<SendOp>(op)  ? cast<SendOp>(op).getRing()
                                        : cast<ReserveOp>(op).getRing();
        auto ring = used.getDefiningOp<AllocRingOp>();
        if (!ring.isShared())
          return WalkResult::advance();
        return verifyAgreement(op, ring, differing);
      });
  return failure(result.wasInterrupted());
}
