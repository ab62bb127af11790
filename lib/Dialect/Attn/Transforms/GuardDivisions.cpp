//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integer divisions that would stop a CPU.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Index/IR/IndexOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlir::attn {
#define GEN_PASS_DEF_GUARDDIVISIONSPASS
#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;

static bool isSigned(Operation *op) {
  return isa<arith::DivSIOp, arith::RemSIOp, index::DivSOp, index::RemSOp,
             index::CeilDivSOp, index::FloorDivSOp, LLVM::SDivOp, LLVM::SRemOp>(
      op);
}

static bool isUnsigned(Operation *op) {
  return isa<arith::DivUIOp, arith::RemUIOp, index::DivUOp, index::RemUOp,
             index::CeilDivUOp, LLVM::UDivOp, LLVM::URemOp>(op);
}

/// Whether a division by `divisor` never stops a CPU: it is a constant that is
/// not 0, nor -1 if the division is signed.
static bool isHarmless(Value divisor, bool isSigned) {
  APInt constant;
  return matchPattern(divisor, m_ConstantInt(&constant)) &&
         !constant.isZero() && !(isSigned && constant.isAllOnes());
}

/// Replaces `divisor` by 1 where the division by it is not defined.
static void guard(OpBuilder &builder, Operation *op, OpOperand &divisor) {
  Location loc = op->getLoc();
  Value value = divisor.get();
  Type type = value.getType();
  unsigned width = getElementTypeOrSelf(type).isIndex()
                       ? IndexType::kInternalStorageBitWidth
                       : getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  auto isConstant = [&](Value compared, const APInt &number) -> Value {
    TypedAttr attribute =
        builder.getIntegerAttr(getElementTypeOrSelf(type), number);
    if (auto shaped = dyn_cast<ShapedType>(type))
      attribute = DenseElementsAttr::get(shaped, Attribute(attribute));
    Value constant = arith::ConstantOp::create(builder, loc, attribute);
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                 compared, constant);
  };
  Value undefined = isConstant(value, APInt::getZero(width));
  if (isSigned(op)) {
    Value overflows = arith::AndIOp::create(
        builder, loc, isConstant(value, APInt::getAllOnes(width)),
        isConstant(op->getOperand(0), APInt::getSignedMinValue(width)));
    undefined = arith::OrIOp::create(builder, loc, undefined, overflows);
  }
  Value one = arith::ConstantOp::create(builder, loc, builder.getOneAttr(type));
  divisor.set(arith::SelectOp::create(builder, loc, undefined, one, value));
}

namespace {
struct GuardDivisionsPass
    : attn::impl::GuardDivisionsPassBase<GuardDivisionsPass> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (!isSigned(op) && !isUnsigned(op))
        return;
      OpOperand &divisor = op->getOpOperand(1);
      if (isHarmless(divisor.get(), isSigned(op)))
        return;
      OpBuilder builder(op);
      guard(builder, op, divisor);
    });
  }
};
} // namespace
