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

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::sm90;

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
