//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowers attention on buffers to loops over tiles in which dot products,
// weights and sums follow one another in small buffers.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"

#include "TileProgram.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::attn {
#define GEN_PASS_DEF_FUSEATTENTIONPASS
#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

/// Positions of the weights of a sum among the tiles of a program.
static constexpr bool kByWeight = false, kByGradient = true;

static SmallVector<TilePlan> getPlans(SigmoidAttentionOp op) {
  TilePlan plan = {/*lanesAreQueries=*/true,
                   {op.getQuery()},
                   {op.getKey(), op.getValue()},
                   {{kValue - kKey, kByWeight, op.getOutput()}}};
  return {plan};
}

static SmallVector<TilePlan> getPlans(SigmoidAttentionBackwardOp op) {
  Value query = op.getQuery(), key = op.getKey(), value = op.getValue();
  Value outputGradient = op.getOutputGradient();
  OperandRange outputs = op.getOutputs();
  // The weights are computed twice, so that no two tiles add to one sum.
  SmallVector<TilePlan> plans;
  if (op.hasQueryGradient())
    plans.push_back({/*lanesAreQueries=*/true,
                     {query, outputGradient},
                     {key, value},
                     {{0, kByGradient, outputs.front()}}});
  if (op.hasKeyAndValueGradients()) {
    OperandRange ofKeyAndValue = outputs.take_back(2);
    plans.push_back({/*lanesAreQueries=*/false,
                     {key, value},
                     {query, outputGradient},
                     {{0, kByGradient, ofKeyAndValue[0]},
                      {1, kByWeight, ofKeyAndValue[1]}}});
  }
  return plans;
}

/// Whether `op` is inside a loop whose iterations run in parallel.
static bool isInParallelLoop(Operation *op) {
  return op->getParentOfType<scf::ForallOp>() ||
         op->getParentOfType<scf::ParallelOp>();
}

namespace {
struct FuseAttentionPass
    : attn::impl::FuseAttentionPassBase<FuseAttentionPass> {
  void runOnOperation() override {
    SmallVector<AttentionOpInterface> ops;
    getOperation()->walk([&](AttentionOpInterface op) {
      if (!op.hasTensorForm())
        ops.push_back(op);
    });
    for (AttentionOpInterface op : ops) {
      OpBuilder builder(op);
      SmallVector<TilePlan> plans;
      if (auto forward = dyn_cast<SigmoidAttentionOp>(op.getOperation()))
        plans = getPlans(forward);
      else
        plans = getPlans(cast<SigmoidAttentionBackwardOp>(op.getOperation()));
      for (const TilePlan &plan : plans)
        buildTileProgram(builder, op, plan, !isInParallelLoop(op));
      op.erase();
    }
  }
};
} // namespace
