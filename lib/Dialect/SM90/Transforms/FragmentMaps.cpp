//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes ops over fragments.
//
//===----------------------------------------------------------------------===//

#include "FragmentMaps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::sm90;

Value sm90::callIntrinsic(OpBuilder &builder, Location loc, StringRef name,
                          ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(builder, loc, operands[0].getType(),
                                       builder.getStringAttr(name), operands)
      .getResult(0);
}

Value sm90::createMap(
    ImplicitLocOpBuilder &builder, Value input, Type element,
    function_ref<Value(OpBuilder &, Location, Value)> create) {
  auto map = MapOp::create(builder, input.getType(), input);
  OpBuilder::InsertionGuard guard(builder);
  Block *body =
      builder.createBlock(&map.getBody(), {}, element, builder.getLoc());
  YieldOp::create(builder, ValueRange(create(builder, builder.getLoc(),
                                             body->getArgument(0))));
  return map.getResult(0);
}

Value sm90::createLargest(ImplicitLocOpBuilder &builder, Value powers,
                          Value largest) {
  ImplicitLocOpBuilder &b = builder;
  Type f32 = b.getF32Type(), i32 = b.getI32Type();
  auto fold = FoldOp::create(b, i32, powers, largest);
  OpBuilder::InsertionGuard guard(b);
  Block *body =
      b.createBlock(&fold.getBody(), {}, {i32, f32}, {b.getLoc(), b.getLoc()});
  Value bits = arith::BitcastOp::create(b, i32, body->getArgument(1));
  YieldOp::create(
      b, ValueRange(arith::MaxSIOp::create(b, body->getArgument(0), bits)));
  return fold.getResult();
}

bool sm90::sumsColumns(scf::ForOp loop, int64_t columns) {
  return llvm::any_of(loop.getResultTypes(), [&](Type type) {
    auto fragment = dyn_cast<FragmentType>(type);
    return fragment && fragment.getElementType().isF32() &&
           fragment.getCols() >= columns;
  });
}

void sm90::createFence(ImplicitLocOpBuilder &builder) {
  NVVM::PMEventOp::create(builder, IntegerAttr(), builder.getI32IntegerAttr(0));
}
