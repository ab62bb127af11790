//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes turns as arrivals at named barriers and waits for them.
//
//===----------------------------------------------------------------------===//

#include "Turns.h"

#include "sigmoid-attn/Dialect/SM90/Transforms/NamedBarriers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::sm90;

Turns Turns::create(WarpSpecializeOp roles) {
  Block &consumer = roles.getConsumer().front();
  ImplicitLocOpBuilder b =
      ImplicitLocOpBuilder::atBlockBegin(roles.getLoc(), &consumer);
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(b, b.getLoc(), value, 32);
  };
  int64_t consumers = roles.getNumConsumers();
  Value warpgroup = roles.getWarpgroup();
  Turns turns;
  // One warpgroup waits, the one before it arrives.
  turns.threads = constant(2 * WarpSpecializeOp::kWarpgroupThreads);
  Value first = constant(kFirstTurnBarrier);
  turns.mine = arith::AddIOp::create(b, warpgroup, first);
  Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, warpgroup,
                                       constant(consumers - 1));
  Value following = arith::AddIOp::create(b, turns.mine, constant(1));
  turns.next = arith::SelectOp::create(b, isLast, first, following);
  auto opening = scf::IfOp::create(b, isLast);
  b.setInsertionPointToStart(opening.thenBlock());
  NVVM::BarrierArriveOp::create(b, turns.next, turns.threads);
  return turns;
}

void Turns::wait(ImplicitLocOpBuilder &builder) {
  if (mine)
    NVVM::BarrierOp::create(builder, TypeRange(), mine, threads,
                            NVVM::BarrierReductionAttr(), Value());
}

void Turns::pass(ImplicitLocOpBuilder &builder) {
  if (mine)
    NVVM::BarrierArriveOp::create(builder, next, threads);
}
