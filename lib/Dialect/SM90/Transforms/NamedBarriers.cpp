//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Barriers of one warpgroup.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/SM90/Transforms/NamedBarriers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::sm90;

bool sm90::isWarpgroupBarrier(NVVM::BarrierOp barrier, WarpSpecializeOp roles) {
  APInt threads, first;
  if (!barrier.getBarrierId() || !barrier.getNumberOfThreads() ||
      !matchPattern(barrier.getNumberOfThreads(), m_ConstantInt(&threads)))
    return false;
  constexpr int64_t kWarpgroup = WarpSpecializeOp::kWarpgroupThreads;
  // One number for all.
  if (matchPattern(barrier.getBarrierId(), m_ConstantInt(&first)))
    return threads.getSExtValue() == roles.getNumConsumers() * kWarpgroup;
  // One for each.
  auto sum = barrier.getBarrierId().getDefiningOp<arith::AddIOp>();
  return sum && threads.getSExtValue() == kWarpgroup &&
         llvm::is_contained(sum.getOperands(), roles.getWarpgroup()) &&
         (matchPattern(sum.getRhs(), m_ConstantInt(&first)) ||
          matchPattern(sum.getLhs(), m_ConstantInt(&first)));
}

void sm90::createWarpgroupBarrier(ImplicitLocOpBuilder &builder,
                                  Value warpgroup) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(builder, builder.getLoc(), value, 32);
  };
  Value barrier = arith::AddIOp::create(builder, warpgroup,
                                        constant(kFirstWarpgroupBarrier));
  NVVM::BarrierOp::create(builder, TypeRange(), barrier,
                          constant(WarpSpecializeOp::kWarpgroupThreads),
                          NVVM::BarrierReductionAttr(), Value());
}
