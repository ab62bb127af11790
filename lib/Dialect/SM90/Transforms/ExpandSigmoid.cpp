//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes sm90.sigmoid in instructions. A constant factor of the score moves out
// of the map into scale and bias; a constant factor of the weights moves past
// the product with values, which is linear, to the end of the key loop.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_EXPANDSIGMOIDPASS
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using namespace mlir::sm90;

static Value createFloat(OpBuilder &builder, Location loc, const APFloat &value) {
  return arith::ConstantFloatOp::create(builder, loc, builder.getF32Type(),
                                        value);
}

static Value createFloat(OpBuilder &builder, Location loc, float value) {
  return createFloat(builder, loc, APFloat(value));
}

/// `factor` times a value that a map captures, right behind its definition.
static Value scaleCaptured(Value value, float factor) {
  OpBuilder builder(value.getContext());
  builder.setInsertionPointAfterValue(value);
  APFloat constant(0.0f);
  if (matchPattern(value, m_ConstantFloat(&constant))) {
    constant.multiply(APFloat(factor), APFloat::rmNearestTiesToEven);
    return createFloat(builder, value.getLoc(), constant);
  }
  Value scaled = createFloat(builder, value.getLoc(), factor);
  return arith::MulFOp::create(builder, value.getLoc(), value, scaled);
}

/// `factor * value` for a value of a map's body, moved into what it is computed
/// from where that costs nothing in the map.
static Value scaleScore(OpBuilder &builder, MapOp map, Value value,
                        float factor) {
  auto isCaptured = [&](Value operand) {
    return !map.getBody().isAncestor(operand.getParentRegion());
  };
  Location loc = value.getLoc();
  APFloat constant(0.0f);
  if (isCaptured(value) || matchPattern(value, m_ConstantFloat(&constant)))
    return scaleCaptured(value, factor);
  if (auto fma = value.getDefiningOp<math::FmaOp>();
      fma && isCaptured(fma.getB()) && isCaptured(fma.getC()))
    return math::FmaOp::create(builder, loc, fma.getA(),
                               scaleCaptured(fma.getB(), factor),
                               scaleCaptured(fma.getC(), factor));
  if (auto mul = value.getDefiningOp<arith::MulFOp>();
      mul && isCaptured(mul.getRhs()))
    return arith::MulFOp::create(builder, loc, mul.getLhs(),
                                 scaleCaptured(mul.getRhs(), factor));
  if (auto select = value.getDefiningOp<arith::SelectOp>())
    return arith::SelectOp::create(
        builder, loc, select.getCondition(),
        scaleScore(builder, map, select.getTrueValue(), factor),
        scaleScore(builder, map, select.getFalseValue(), factor));
  return arith::MulFOp::create(builder, loc, value,
                               createFloat(builder, loc, factor));
}

/// Twice the sigmoid: tanh(x/2) + 1. One add with an immediate is cheaper than
/// 0.5 * tanh + 0.5.
static Value createFast(OpBuilder &builder, MapOp map, SigmoidOp op) {
  Location loc = op.getLoc();
  Value half = scaleScore(builder, map, op.getOperand(), 0.5f);
  Value tanh = math::TanhOp::create(builder, loc, half,
                                    arith::FastMathFlags::afn);
  return arith::AddFOp::create(builder, loc, tanh,
                               createFloat(builder, loc, 1.0f));
}

/// 1 / (1 + 2^(-x log2 e)). An infinite power gives 0.
static Value createExact(OpBuilder &builder, MapOp map, SigmoidOp op) {
  Location loc = op.getLoc();
  constexpr float kMinusLog2E = -1.44269504f;
  auto call = [&](StringRef name, Value operand) {
    return LLVM::CallIntrinsicOp::create(builder, loc, operand.getType(),
                                         builder.getStringAttr(name), operand)
        .getResult(0);
  };
  Value exponent = scaleScore(builder, map, op.getOperand(), kMinusLog2E);
  Value power = call("llvm.nvvm.ex2.approx.ftz.f", exponent);
  Value sum = arith::AddFOp::create(builder, loc, power,
                                    createFloat(builder, loc, 1.0f));
  return call("llvm.nvvm.rcp.approx.ftz.f", sum);
}

/// Adds to `ends` the results of loops in which products with `weights` add up.
/// Fails if weights go anywhere else.
static LogicalResult collectSums(Value weights,
                                 llvm::SetVector<Value> &ends) {
  for (OpOperand &use : weights.getUses()) {
    Operation *user = use.getOwner();
    unsigned number = use.getOperandNumber();
    Value next;
    if (isa<ConvertOp>(user)) {
      next = user->getResult(0);
    } else if (auto wgmma = dyn_cast<WgmmaOp>(user)) {
      if (number == 1)
        return wgmma.emitOpError("expected weights as the first operand only");
      next = wgmma.getResult();
    } else if (auto await = dyn_cast<AwaitOp>(user)) {
      if (number >= await.getPending().size())
        continue;
      next = await.getResult(number);
    } else if (isa<scf::YieldOp>(user)) {
      next = user->getParentOp()->getResult(number);
      if (isa<scf::ForOp>(user->getParentOp())) {
        ends.insert(next);
        continue;
      }
    } else {
      return user->emitOpError(
          "expected weights to go into products and their sums alone");
    }
    if (failed(collectSums(next, ends)))
      return failure();
  }
  return success();
}

/// Halves every use of `sum`.
static void halve(Value sum) {
  ImplicitLocOpBuilder builder(sum.getLoc(), sum.getContext());
  builder.setInsertionPointAfterValue(sum);
  auto map = MapOp::create(builder, sum.getType(), sum);
  sum.replaceAllUsesExcept(map.getResult(0), map);
  Block *body = builder.createBlock(&map.getBody(), {}, builder.getF32Type(),
                                    sum.getLoc());
  Value half = createFloat(builder, sum.getLoc(), 0.5f);
  YieldOp::create(builder, ValueRange(arith::MulFOp::create(
                               builder, body->getArgument(0), half)));
}

namespace {
struct ExpandSigmoidPass
    : public sm90::impl::ExpandSigmoidPassBase<ExpandSigmoidPass> {
  using ExpandSigmoidPassBase::ExpandSigmoidPassBase;

  void runOnOperation() override {
    SmallVector<SigmoidOp> ops;
    getOperation()->walk([&](SigmoidOp op) { ops.push_back(op); });
    llvm::SetVector<Value> doubled;
    for (SigmoidOp op : ops)
      if (failed(expand(op, doubled)))
        return signalPassFailure();
    for (Value sum : doubled)
      halve(sum);
  }

private:
  LogicalResult expand(SigmoidOp op, llvm::SetVector<Value> &doubled);
};
} // namespace

LogicalResult ExpandSigmoidPass::expand(SigmoidOp op,
                                        llvm::SetVector<Value> &doubled) {
  auto map = op->getParentOfType<MapOp>();
  if (!map)
    return op.emitOpError("expected sm90.map as parent");
  OpBuilder builder(op);
  if (op.getForm() == SigmoidForm::Exact) {
    op.replaceAllUsesWith(createExact(builder, map, op));
    op.erase();
    return success();
  }
  // Twice the weights is what the map will give: it must give nothing else.
  if (!op->hasOneUse() || !isa<YieldOp>(*op->user_begin()) ||
      map.getNumResults() != 1)
    return op.emitOpError("expected a map that gives the sigmoid alone");
  if (failed(collectSums(map.getResult(0), doubled)))
    return failure();
  op.replaceAllUsesWith(createFast(builder, map, op));
  op.erase();
  return success();
}
