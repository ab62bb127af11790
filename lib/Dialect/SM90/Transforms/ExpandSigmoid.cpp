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

#include "FragmentMaps.h"
#include "WeightForms.h"

#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::sm90 {
#define GEN_PASS_DEF_EXPANDSIGMOIDPASS
#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h.inc"
} // namespace mlir::sm90

using namespace mlir;
using namespace mlir::sm90;

static Value createFloat(OpBuilder &builder, Location loc,
                         const APFloat &value) {
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
      fma && isCaptured(fma.getB())) {
    Value added = scaleScore(builder, map, fma.getC(), factor);
    return math::FmaOp::create(builder, loc, fma.getA(),
                               scaleCaptured(fma.getB(), factor), added);
  }
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

/// Twice the sigmoid, of half a score: tanh(x/2) + 1. One add with an immediate
/// is cheaper than 0.5 * tanh + 0.5.
static Value createDouble(OpBuilder &builder, Location loc, Value half) {
  Value tanh =
      math::TanhOp::create(builder, loc, half, arith::FastMathFlags::afn);
  return arith::AddFOp::create(builder, loc, tanh,
                               createFloat(builder, loc, 1.0f));
}

static Value createPower(OpBuilder &builder, Location loc, Value exponent) {
  return callIntrinsic(builder, loc, kPowerIntrinsic, exponent);
}

/// Whether the output of the key loop around `op` is so wide that what a step
/// computes of scores hides under its products: quotients too, which need no
/// decisions then.
static bool hidesWeights(Operation *op) {
  constexpr int64_t kManyColumns = 136;
  auto loop = op->getParentOfType<scf::ForOp>();
  return loop && sumsColumns(loop, kManyColumns);
}

/// Whether `map` gives the sigmoid and nothing else.
static bool givesAlone(MapOp map, SigmoidOp op) {
  return map.getNumResults() == 1 && op->hasOneUse() &&
         op->user_begin()->getParentOp() == map &&
         isa<YieldOp>(*op->user_begin());
}

/// The values that `value` has by the two ways through its branch, or nothing.
static SmallVector<Value, 2> getSides(Value value) {
  auto branch = value.getDefiningOp<scf::IfOp>();
  if (!branch)
    return {};
  unsigned number = cast<OpResult>(value).getResultNumber();
  return {branch.thenYield().getOperand(number),
          branch.elseYield().getOperand(number)};
}

/// Whether `value` is sigmoids of `form` alone, whichever way it comes, or, if
/// `mayBeZero`, 0.
static bool isSigmoid(Value value, SigmoidForm form, bool mayBeZero) {
  SmallVector<Value, 2> sides = getSides(value);
  if (!sides.empty())
    return llvm::all_of(
        sides, [&](Value side) { return isSigmoid(side, form, mayBeZero); });
  if (auto splat = value.getDefiningOp<SplatOp>())
    return mayBeZero && matchPattern(splat.getValue(), m_AnyZeroFloat());
  auto map = value.getDefiningOp<MapOp>();
  if (!map)
    return false;
  Operation *yield = map.getBody().front().getTerminator();
  unsigned number = cast<OpResult>(value).getResultNumber();
  auto op = yield->getOperand(number).getDefiningOp<SigmoidOp>();
  return op && op.getForm() == form && givesAlone(map, op);
}

/// Whether nothing but its one user sees `value`, or what it is made of.
static bool isUsedOnce(Value value) {
  return value.getDefiningOp<SplatOp>() ||
         (value.hasOneUse() && llvm::all_of(getSides(value), isUsedOnce));
}

/// What takes a weight: its user, or where that is the end of a branch, the
/// branch's value (in `joined`) and null.
static Operation *getUser(OpOperand &use, Value &joined) {
  auto branch = dyn_cast<scf::IfOp>(use.getOwner()->getParentOp());
  if (!branch || !isa<scf::YieldOp>(use.getOwner()))
    return use.getOwner();
  joined = branch.getResult(use.getOperandNumber());
  return nullptr;
}

/// The conversion that rounds the weights of `op`, if need be behind branches.
/// Null if they go elsewhere, or if it rounds anything but such weights.
static ConvertOp findConvert(SigmoidOp op) {
  auto map = op->getParentOfType<MapOp>();
  Value value = map && givesAlone(map, op) ? map.getResult(0) : Value();
  while (value && value.hasOneUse()) {
    Value joined;
    if (Operation *user = getUser(*value.use_begin(), joined)) {
      auto convert = dyn_cast<ConvertOp>(user);
      // Decided weights of 0 are 0; those that are made later would not be.
      bool isAll = convert && isUsedOnce(value) &&
                   isSigmoid(value, op.getForm(),
                             /*mayBeZero=*/!hidesWeights(convert));
      return isAll ? convert : ConvertOp();
    }
    value = joined;
  }
  return {};
}

/// Fast weights are twice as much as others, which therefore must not take
/// their place.
static LogicalResult verifyFast(SigmoidOp op, Value weights) {
  for (OpOperand &use : weights.getUses()) {
    Value joined;
    if (getUser(use, joined))
      continue;
    if (!isSigmoid(joined, SigmoidForm::Fast, /*mayBeZero=*/true))
      return op.emitOpError("expected each side of a branch to give fast "
                            "sigmoids alone, or 0");
    if (failed(verifyFast(op, joined)))
      return failure();
  }
  return success();
}

/// Whether the key loop around `op` will go through its weights by chunks.
static bool isChunked(Operation *op) {
  auto loop = op->getParentOfType<scf::ForOp>();
  auto overlap =
      loop ? loop->getAttrOfType<OverlapAttr>(kOverlapAttrName) : OverlapAttr();
  return overlap && overlap.getForm() == OverlapForm::Chunked;
}

/// Adds to `ends` the results of loops in which products with `weights` add up.
/// Fails if weights go anywhere else.
static LogicalResult collectSums(Value weights, llvm::SetVector<Value> &ends) {
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

/// Checks what the expansion of `op` takes for granted.
static LogicalResult verify(SigmoidOp op) {
  auto map = op->getParentOfType<MapOp>();
  if (!map)
    return op.emitOpError("expected sm90.map as parent");
  if (op.getForm() != SigmoidForm::Fast)
    return success();
  // What the map will give is twice as much: it must give nothing else.
  if (!givesAlone(map, op))
    return op.emitOpError("expected a map that gives the sigmoid alone");
  return verifyFast(op, map.getResult(0));
}

/// Replaces `op` in its map: by the weight, or by what `convert`, if there is
/// one, then rounds instead, of which makeWeights makes weights.
static void expand(SigmoidOp op, ConvertOp convert) {
  constexpr float kLog2E = 1.44269504f;
  auto map = op->getParentOfType<MapOp>();
  OpBuilder builder(op);
  Location loc = op.getLoc();
  bool isFast = op.getForm() == SigmoidForm::Fast;
  Value value =
      scaleScore(builder, map, op.getOperand(), isFast ? 0.5f : kLog2E);
  bool isLater = convert && hidesWeights(convert);
  if (!isLater && isFast)
    value = createDouble(builder, loc, value);
  else if (!isLater)
    value = createPower(builder, loc, value);
  if (!convert && !isFast)
    value = FromOddsOp::create(builder, loc, value);
  op.replaceAllUsesWith(value);
  op.erase();
}

/// Makes weights of what `convert` rounds since `expand`.
static void makeWeights(ConvertOp convert, SigmoidForm form) {
  ImplicitLocOpBuilder b(convert.getLoc(), convert);
  Value value = convert.getSource();
  bool isLater = hidesWeights(convert);
  if (form == SigmoidForm::Fast) {
    if (isLater)
      value = createMap(b, value, b.getF32Type(), createDouble);
  } else if (isLater) {
    value = createMap(b, value, b.getF32Type(), createPower);
    value = createWeights(b, value, WeightForm::Quotient);
  } else {
    value = createDecidedWeights(b, value, convert.getType().getElementType(),
                                 isChunked(convert));
  }
  convert.getSourceMutable().assign(value);
}

namespace {
struct ExpandSigmoidPass
    : public sm90::impl::ExpandSigmoidPassBase<ExpandSigmoidPass> {
  using ExpandSigmoidPassBase::ExpandSigmoidPassBase;

  void runOnOperation() override {
    // All is looked at before the first op is another one.
    SmallVector<std::pair<SigmoidOp, ConvertOp>> ops;
    llvm::MapVector<Operation *, SigmoidForm> converts;
    llvm::SetVector<Value> doubled;
    WalkResult found = getOperation()->walk([&](SigmoidOp op) {
      if (failed(verify(op)))
        return WalkResult::interrupt();
      bool isFast = op.getForm() == SigmoidForm::Fast;
      auto map = op->getParentOfType<MapOp>();
      if (isFast && failed(collectSums(map.getResult(0), doubled)))
        return WalkResult::interrupt();
      ConvertOp convert = findConvert(op);
      ops.emplace_back(op, convert);
      if (convert)
        converts.insert({convert, op.getForm()});
      return WalkResult::advance();
    });
    if (found.wasInterrupted())
      return signalPassFailure();
    for (auto [op, convert] : ops)
      expand(op, convert);
    for (Value sum : doubled)
      halve(sum);
    for (auto [convert, form] : converts)
      makeWeights(cast<ConvertOp>(convert), form);
  }
};
} // namespace
