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

#include "sigmoid-attn/Dialect/SM90/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/bit.h"

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

/// Twice the sigmoid: tanh(x/2) + 1. One add with an immediate is cheaper than
/// 0.5 * tanh + 0.5.
static Value createFast(OpBuilder &builder, MapOp map, SigmoidOp op) {
  Location loc = op.getLoc();
  Value half = scaleScore(builder, map, op.getOperand(), 0.5f);
  Value tanh =
      math::TanhOp::create(builder, loc, half, arith::FastMathFlags::afn);
  return arith::AddFOp::create(builder, loc, tanh,
                               createFloat(builder, loc, 1.0f));
}

/// e^x.
static Value createExponential(OpBuilder &builder, MapOp map, SigmoidOp op) {
  constexpr float kLog2E = 1.44269504f;
  Value exponent = scaleScore(builder, map, op.getOperand(), kLog2E);
  return callIntrinsic(builder, op.getLoc(), kPowerIntrinsic, exponent);
}

/// e / (1 + e), with a bound on e that keeps an infinite one from giving NaN.
static Value createQuotient(OpBuilder &builder, Location loc, Value power) {
  Value most = createFloat(builder, loc, 1e30f);
  Value isLarge = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT,
                                        power, most);
  Value bounded = arith::SelectOp::create(builder, loc, isLarge, most, power);
  Value sum = arith::AddFOp::create(builder, loc, bounded,
                                    createFloat(builder, loc, 1.0f));
  Value reciprocal =
      callIntrinsic(builder, loc, "llvm.nvvm.rcp.approx.ftz.f", sum);
  return arith::MulFOp::create(builder, loc, bounded, reciprocal);
}

/// a / (1 + a) and b / (1 + b) for a pair of elements, by one reciprocal of the
/// product of both denominators. Bounds keep it finite, and a NaN in either
/// gives two, which meet in one row.
static Value createQuotients(OpBuilder &builder, Location loc, Value powers) {
  ImplicitLocOpBuilder b(loc, builder);
  Value most = createFloat(b, loc, 0x1p60f);
  auto get = [&](int64_t position) -> Value {
    Value power = vector::ExtractOp::create(b, powers, position);
    return arith::MinimumFOp::create(b, power, most);
  };
  Value first = get(0), second = get(1);
  // (1 + a)(1 + b) = (a b + a) + (b + 1)
  Value firstOver = math::FmaOp::create(b, first, second, first);
  Value secondOver = math::FmaOp::create(b, first, second, second);
  Value rest = arith::AddFOp::create(b, second, createFloat(b, loc, 1.0f));
  Value under = arith::AddFOp::create(b, firstOver, rest);
  Value reciprocal = callIntrinsic(b, loc, "llvm.nvvm.rcp.approx.ftz.f", under);
  return vector::FromElementsOp::create(
      b, powers.getType(),
      ValueRange{arith::MulFOp::create(b, firstOver, reciprocal),
                 arith::MulFOp::create(b, secondOver, reciprocal)});
}

/// e - e^2, which differs from e / (1 + e) by e^2 of it.
static Value createShortSeries(OpBuilder &builder, Location loc, Value power) {
  Value negated = arith::NegFOp::create(builder, loc, power);
  return math::FmaOp::create(builder, loc, negated, power, power);
}

/// e - e^2 + e^3, which differs from e / (1 + e) by e^3 of it.
static Value createLongSeries(OpBuilder &builder, Location loc, Value power) {
  Value two = createShortSeries(builder, loc, power);
  Value negated = arith::NegFOp::create(builder, loc, two);
  return math::FmaOp::create(builder, loc, negated, power, power);
}

namespace {
/// The largest `e` for each series.
struct SeriesRanges {
  float shortMost, longMost;

  /// Errors stay below 2.5e-4, under the rounding of bf16, or 6.2e-5, under
  /// that of f16.
  static SeriesRanges get(Type weight) {
    return weight.isBF16() ? SeriesRanges{1.0f / 64, 1.0f / 16}
                           : SeriesRanges{1.0f / 128, 1.0f / 32};
  }
};
} // namespace

/// The conversion that all of value goes into, if need be out of branches.
static ConvertOp findConvert(Value value) {
  while (value.hasOneUse()) {
    OpOperand &use = *value.use_begin();
    if (auto convert = dyn_cast<ConvertOp>(use.getOwner()))
      return convert;
    auto branch = dyn_cast<scf::IfOp>(use.getOwner()->getParentOp());
    if (!isa<scf::YieldOp>(use.getOwner()) || !branch)
      return {};
    value = branch.getResult(use.getOperandNumber());
  }
  return {};
}

/// Whether `largest`, in bits, is at most `most` in all lanes of a warp, which
/// decides for itself and stays together.
static Value createVote(ImplicitLocOpBuilder &b, Value largest, float most) {
  Value bits = arith::ConstantIntOp::create(b, b.getLoc(),
                                            llvm::bit_cast<uint32_t>(most), 32);
  Value isSmall =
      arith::CmpIOp::create(b, arith::CmpIPredicate::sle, largest, bits);
  Value lanes = arith::ConstantIntOp::create(b, b.getLoc(), -1, 32);
  return NVVM::VoteSyncOp::create(b, b.getI1Type(), lanes, isSmall,
                                  NVVM::VoteSyncKind::all);
}

/// Whether the key loop around `op` will go through its weights by chunks.
static bool isChunked(Operation *op) {
  auto loop = op->getParentOfType<scf::ForOp>();
  auto overlap =
      loop ? loop->getAttrOfType<OverlapAttr>(kOverlapAttrName) : OverlapAttr();
  return overlap && overlap.getForm() == OverlapForm::Chunked;
}

/// Turns the exponentials that convert rounds into weights. The largest of a
/// warp's says how.
static void createWeightsOfPowers(ConvertOp convert) {
  auto ranges = SeriesRanges::get(convert.getType().getElementType());
  ImplicitLocOpBuilder b(convert.getLoc(), convert);
  Value powers = convert.getSource();
  // A NaN may pass for large or for small here: any weight made of it is one.
  Value zero = arith::ConstantIntOp::create(b, b.getLoc(), 0, 32);
  Value largest = createLargest(b, powers, zero);
  // Where parts of a step branch each, they share both votes; elsewhere the
  // second one is taken only where it is needed.
  bool sharesVotes = isChunked(convert);
  Value takesShort = createVote(b, largest, ranges.shortMost);
  Value takesLong =
      sharesVotes ? createVote(b, largest, ranges.longMost) : Value();
  auto choose = [&](Value condition) {
    return scf::IfOp::create(b, TypeRange(powers.getType()), condition,
                             /*withElseRegion=*/true);
  };
  scf::IfOp outer = choose(takesShort);
  b.setInsertionPointToStart(outer.thenBlock());
  scf::YieldOp::create(b,
                       createMap(b, powers, b.getF32Type(), createShortSeries));
  b.setInsertionPointToStart(outer.elseBlock());
  if (!sharesVotes)
    takesLong = createVote(b, largest, ranges.longMost);
  scf::IfOp inner = choose(takesLong);
  scf::YieldOp::create(b, inner.getResults());
  b.setInsertionPointToStart(inner.thenBlock());
  scf::YieldOp::create(b,
                       createMap(b, powers, b.getF32Type(), createLongSeries));
  b.setInsertionPointToStart(inner.elseBlock());
  scf::YieldOp::create(b,
                       createMap(b, powers, VectorType::get(2, b.getF32Type()),
                                 createQuotients));
  convert.getSourceMutable().assign(outer.getResult(0));
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

namespace {
struct ExpandSigmoidPass
    : public sm90::impl::ExpandSigmoidPassBase<ExpandSigmoidPass> {
  using ExpandSigmoidPassBase::ExpandSigmoidPassBase;

  void runOnOperation() override {
    SmallVector<SigmoidOp> ops;
    getOperation()->walk([&](SigmoidOp op) { ops.push_back(op); });
    llvm::SetVector<Value> doubled;
    llvm::SetVector<Operation *> powers;
    for (SigmoidOp op : ops)
      if (failed(expand(op, doubled, powers)))
        return signalPassFailure();
    for (Value sum : doubled)
      halve(sum);
    for (Operation *convert : powers)
      createWeightsOfPowers(cast<ConvertOp>(convert));
  }

private:
  /// Expands one op. Adds the sums that come out doubled to `doubled`, and the
  /// conversions of what are exponentials and not yet weights to `powers`.
  LogicalResult expand(SigmoidOp op, llvm::SetVector<Value> &doubled,
                       llvm::SetVector<Operation *> &powers);
};
} // namespace

LogicalResult ExpandSigmoidPass::expand(SigmoidOp op,
                                        llvm::SetVector<Value> &doubled,
                                        llvm::SetVector<Operation *> &powers) {
  auto map = op->getParentOfType<MapOp>();
  if (!map)
    return op.emitOpError("expected sm90.map as parent");
  OpBuilder builder(op);
  bool isExact = op.getForm() == SigmoidForm::Exact;
  // What the map will give is something else: it must give nothing else.
  bool isAlone = op->hasOneUse() && isa<YieldOp>(*op->user_begin()) &&
                 map.getNumResults() == 1;
  if (isExact) {
    Value value = createExponential(builder, map, op);
    ConvertOp convert = isAlone ? findConvert(map.getResult(0)) : ConvertOp();
    if (convert)
      powers.insert(convert);
    else
      value = createQuotient(builder, op.getLoc(), value);
    op.replaceAllUsesWith(value);
    op.erase();
    return success();
  }
  if (!isAlone)
    return op.emitOpError("expected a map that gives the sigmoid alone");
  if (failed(collectSums(map.getResult(0), doubled)))
    return failure();
  op.replaceAllUsesWith(createFast(builder, map, op));
  op.erase();
  return success();
}
