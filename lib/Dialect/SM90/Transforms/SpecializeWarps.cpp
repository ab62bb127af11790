//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Divides a kernel that is written as one thread of control between the
// producer, which fills rings, and the consumers, which do the rest.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_SPECIALIZEWARPSPASS
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using namespace mlir::sm90;

/// Whether `op` fills rings, or decides with what.
static bool isWriter(Operation *op) {
  return isa<ReserveOp, TmaLoadOp, SendOp, LLVM::AtomicRMWOp>(op);
}

/// Whether `type` only means something to a consumer.
static bool isConsumerType(Type type) {
  return isa<FragmentType, PendingType>(type);
}

namespace {
/// Copies the writer's part of a block.
class ProducerCloner {
public:
  explicit ProducerCloner(OpBuilder &builder) : builder(builder) {}

  /// Copies what of `block` the writer needs, without the terminator.
  LogicalResult cloneBlock(Block &block);

private:
  LogicalResult clone(Operation &op);
  LogicalResult cloneFor(scf::ForOp op);
  LogicalResult cloneWhile(scf::WhileOp op);
  /// What the writer sent is what it would receive.
  LogicalResult receive(WaitOp op);

  OpBuilder &builder;
  IRMapping mapping;
  /// The message last sent to each ring.
  llvm::DenseMap<Value, Value> messages;
};
} // namespace

/// The positions of values that the writer carries through a loop.
static SmallVector<unsigned> getCarried(TypeRange types) {
  SmallVector<unsigned> carried;
  for (auto [index, type] : llvm::enumerate(types))
    if (!isConsumerType(type))
      carried.push_back(index);
  return carried;
}

LogicalResult ProducerCloner::cloneFor(scf::ForOp op) {
  SmallVector<unsigned> carried = getCarried(op.getResultTypes());
  SmallVector<Value> inits;
  for (unsigned index : carried)
    inits.push_back(mapping.lookupOrDefault(op.getInitArgs()[index]));
  auto copy = scf::ForOp::create(builder, op.getLoc(),
                                 mapping.lookupOrDefault(op.getLowerBound()),
                                 mapping.lookupOrDefault(op.getUpperBound()),
                                 mapping.lookupOrDefault(op.getStep()), inits);
  mapping.map(op.getInductionVar(), copy.getInductionVar());
  for (auto [position, index] : llvm::enumerate(carried)) {
    mapping.map(op.getRegionIterArg(index), copy.getRegionIterArg(position));
    mapping.map(op.getResult(index), copy.getResult(position));
  }
  OpBuilder::InsertionGuard guard(builder);
  if (carried.empty())
    copy.getBody()->getTerminator()->erase();
  builder.setInsertionPointToEnd(copy.getBody());
  if (failed(cloneBlock(*op.getBody())))
    return failure();
  SmallVector<Value> yielded;
  for (unsigned index : carried)
    yielded.push_back(mapping.lookupOrDefault(
        op.getBody()->getTerminator()->getOperand(index)));
  scf::YieldOp::create(builder, op.getLoc(), yielded);
  return success();
}

LogicalResult ProducerCloner::cloneWhile(scf::WhileOp op) {
  for (Type type : op.getOperandTypes())
    if (isConsumerType(type))
      return op.emitOpError("expected no fragments carried by the loop over "
                            "tiles, got ")
             << type;
  SmallVector<Value> inits;
  for (Value init : op.getInits())
    inits.push_back(mapping.lookupOrDefault(init));
  auto copy =
      scf::WhileOp::create(builder, op.getLoc(), op.getResultTypes(), inits);
  OpBuilder::InsertionGuard guard(builder);
  for (auto [region, target] : {std::pair(&op.getBefore(), &copy.getBefore()),
                                std::pair(&op.getAfter(), &copy.getAfter())}) {
    Block &block = region->front();
    SmallVector<Location> locs(block.getNumArguments(), op.getLoc());
    builder.createBlock(target, {}, block.getArgumentTypes(), locs);
    mapping.map(block.getArguments(), target->getArguments());
    if (failed(cloneBlock(block)))
      return failure();
    builder.clone(*block.getTerminator(), mapping);
  }
  for (auto [result, copied] : llvm::zip(op.getResults(), copy.getResults()))
    mapping.map(result, copied);
  return success();
}

LogicalResult ProducerCloner::receive(WaitOp op) {
  if (!cast<RingType>(op.getRing().getType()).isMessage())
    return success();
  Value sent = messages.lookup(op.getRing());
  if (!sent)
    return op.emitOpError("expected sm90.send to the ring before");
  mapping.map(op.getPayload()[0], sent);
  return success();
}

LogicalResult ProducerCloner::clone(Operation &op) {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return cloneFor(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return cloneWhile(loop);
  if (auto wait = dyn_cast<WaitOp>(op))
    return receive(wait);
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    WalkResult found = branch.walk([](Operation *inner) {
      return isWriter(inner) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (found.wasInterrupted())
      return branch.emitOpError("expected no sm90.reserve in a branch");
  }
  bool isShared =
      isMemoryEffectFree(&op) && op.getNumRegions() == 0 && !isa<LeaderOp>(op);
  if (!isWriter(&op) && !isShared)
    return success();
  for (Value operand : op.getOperands()) {
    // Pure code on what only consumers have is theirs.
    bool isTheirs = isConsumerType(operand.getType()) ||
                    (isa<TileType>(operand.getType()) &&
                     !mapping.contains(operand) && isShared);
    if (isTheirs)
      return success();
  }
  builder.clone(op, mapping);
  if (auto send = dyn_cast<SendOp>(op))
    messages[send.getRing()] = mapping.lookup(send.getMessage());
  return success();
}

LogicalResult ProducerCloner::cloneBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(clone(op)))
      return failure();
  return success();
}

namespace {
struct SpecializeWarpsPass
    : public sm90::impl::SpecializeWarpsPassBase<SpecializeWarpsPass> {
  using SpecializeWarpsPassBase::SpecializeWarpsPassBase;

  void runOnOperation() override {
    SmallVector<WarpSpecializeOp> ops;
    getOperation()->walk([&](WarpSpecializeOp op) {
      if (op.getProducer().front().without_terminator().empty())
        ops.push_back(op);
    });
    for (WarpSpecializeOp op : ops)
      if (failed(specialize(op)))
        return signalPassFailure();
  }

private:
  LogicalResult specialize(WarpSpecializeOp op);
};
} // namespace

/// Whether the warpgroup's number decides something that the producer does.
static LogicalResult checkProducer(WarpSpecializeOp op) {
  WalkResult result = op.getProducer().walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (op.getConsumer().isAncestor(operand.getParentRegion())) {
        inner->emitOpError("expected the producer's part not to depend on a "
                           "consumer's values");
        return WalkResult::interrupt();
      }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// Erases a writer, and first the arithmetic that only served writers.
static void eraseWithUsers(Operation *op) {
  for (Operation *user : llvm::make_early_inc_range(op->getUsers()))
    eraseWithUsers(user);
  op->erase();
}

LogicalResult SpecializeWarpsPass::specialize(WarpSpecializeOp op) {
  Block &producer = op.getProducer().front();
  OpBuilder builder(producer.getTerminator());
  // Sums that involve the warpgroup's number are dead in the producer.
  ProducerCloner cloner(builder);
  if (failed(cloner.cloneBlock(op.getConsumer().front())))
    return failure();
  IRRewriter rewriter(&getContext());
  (void)runRegionDCE(rewriter, op.getProducer());
  if (failed(checkProducer(op)))
    return failure();
  SmallVector<Operation *> writers;
  op.getConsumer().walk([&](Operation *inner) {
    if (isWriter(inner))
      writers.push_back(inner);
  });
  // Last first, so that what uses a result goes before it.
  for (Operation *writer : llvm::reverse(writers))
    eraseWithUsers(writer);
  return success();
}
