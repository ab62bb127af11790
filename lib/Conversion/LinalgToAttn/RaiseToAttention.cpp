//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pass that raises unfused sigmoid attention to the attn dialect.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Conversion/Passes.h"

#include "AttentionBuilder.h"

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"

#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace mlir::attn {
#define GEN_PASS_DEF_RAISETOATTENTIONPASS
#include "sigmoid-attn/Conversion/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::attn::raise;

/// The operations that define the operands of `op`.
static SmallVector<Operation *> getProducers(Operation *op) {
  SmallVector<Operation *> producers;
  for (Value operand : op->getOperands())
    if (Operation *producer = operand.getDefiningOp())
      producers.push_back(producer);
  return producers;
}

/// Lets the sizes of what `op` computes be read from where they come from.
static void forwardDims(Operation *op) {
  for (Operation *user : llvm::make_early_inc_range(op->getUsers())) {
    auto dim = dyn_cast<tensor::DimOp>(user);
    std::optional<int64_t> index = dim ? dim.getConstantIndex() : std::nullopt;
    if (!index)
      continue;
    OpBuilder builder(dim);
    OpFoldResult size =
        buildDim(builder, dim.getLoc(), dim.getSource(), *index);
    dim.replaceAllUsesWith(
        getValueOrCreateConstantIndexOp(builder, dim.getLoc(), size));
    dim.erase();
  }
}

/// Erases `op` and what only it needed of its block.
static void eraseWithProducers(Operation *op) {
  Block *block = op->getBlock();
  SmallVector<Operation *> worklist = getProducers(op);
  op->erase();
  llvm::SmallPtrSet<Operation *, 16> erased;
  while (!worklist.empty()) {
    Operation *producer = worklist.pop_back_val();
    if (erased.contains(producer) || producer->getBlock() != block)
      continue;
    if (isa<linalg::LinalgOp>(producer))
      forwardDims(producer);
    if (!isOpTriviallyDead(producer))
      continue;
    llvm::append_range(worklist, getProducers(producer));
    erased.insert(producer);
    producer->erase();
  }
}

/// Raises attention that ends in `op`. Says why if it is nearly one.
static bool raiseAttention(Operation *op) {
  std::optional<ContractionView> contraction = ContractionView::get(op);
  if (!contraction)
    return false;
  Reason reason;
  for (unsigned side : {0, 1}) {
    ExprPool pool;
    IndexSpace space;
    AttentionMatcher matcher(pool, space, *contraction);
    Reason problem;
    if (std::optional<AttentionMatch> match = matcher.match(side, problem)) {
      OpBuilder builder(op);
      Value output = buildAttention(builder, op->getLoc(), pool, space, *match);
      op->getResult(0).replaceAllUsesWith(output);
      eraseWithProducers(op);
      return true;
    }
    if (reason.empty())
      reason = problem;
  }
  if (!reason.empty())
    op->emitRemark() << "not raised to attn.sigmoid_attention: " << reason;
  return false;
}

unsigned attn::raiseToAttention(Operation *root) {
  SmallVector<Operation *> candidates;
  root->walk([&](linalg::LinalgOp op) { candidates.push_back(op); });
  // Raising erases nothing that comes after its last contraction.
  unsigned numRaised = 0;
  for (Operation *candidate : candidates)
    numRaised += raiseAttention(candidate);
  return numRaised;
}

// As upstream's own pipeline, which is for modules only.
void attn::addTosaToLinalgPasses(OpPassManager &pipeline) {
  pipeline.addPass(tosa::createTosaOptionalDecompositionsPass());
  pipeline.addPass(createCanonicalizerPass());
  pipeline.addPass(tosa::createTosaInferShapesPass());
  pipeline.addPass(tosa::createTosaMakeBroadcastablePass());
  pipeline.addPass(tosa::createTosaToLinalgNamed());
  pipeline.addPass(createCanonicalizerPass());
  pipeline.addPass(tosa::createTosaLayerwiseConstantFoldPass());
  pipeline.addPass(tosa::createTosaMakeBroadcastablePass());
  pipeline.addPass(tosa::createTosaToLinalg());
  pipeline.addPass(createTosaToArithPass());
  pipeline.addPass(createTosaToTensorPass());
  pipeline.addPass(createCanonicalizerPass());
}

static bool holdsTosa(Operation *root) {
  return root
      ->walk([](Operation *op) {
        return isa_and_nonnull<tosa::TosaDialect>(op->getDialect())
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

namespace {
struct RaiseToAttentionPass
    : attn::impl::RaiseToAttentionPassBase<RaiseToAttentionPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (holdsTosa(function)) {
      OpPassManager pipeline(func::FuncOp::getOperationName());
      addTosaToLinalgPasses(pipeline);
      if (failed(runPipeline(pipeline, function)))
        return signalPassFailure();
    }
    numRaised += raiseToAttention(function);
  }
};
} // namespace
