//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes and recognises the forms.
//
//===----------------------------------------------------------------------===//

#include "WeightForms.h"

#include "FragmentMaps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace mlir::sm90;

/// e - series * e.
static Value createTerm(OpBuilder &builder, Location loc, Value series,
                        Value power) {
  Value negated = arith::NegFOp::create(builder, loc, series);
  return math::FmaOp::create(builder, loc, negated, power, power);
}

Value sm90::createWeights(ImplicitLocOpBuilder &b, Value powers,
                          WeightForm form) {
  Type element = b.getF32Type();
  if (form == WeightForm::Quotient)
    element = VectorType::get(2, element);
  return createMap(b, powers, element,
                   [&](OpBuilder &builder, Location loc, Value e) -> Value {
                     if (form == WeightForm::Quotient)
                       return FromOddsOp::create(builder, loc, e);
                     Value series = createTerm(builder, loc, e, e);
                     if (form == WeightForm::LongSeries)
                       series = createTerm(builder, loc, series, e);
                     return series;
                   });
}

/// What createTerm made `value` of, or null.
static Value getSeries(Value value, Value power) {
  auto fma = value.getDefiningOp<math::FmaOp>();
  if (!fma || fma.getB() != power || fma.getC() != power)
    return {};
  auto negated = fma.getA().getDefiningOp<arith::NegFOp>();
  return negated ? negated.getOperand() : Value();
}

std::optional<WeightForm> sm90::getWeightForm(MapOp map) {
  if (map.getInputs().size() != 1 || map.getNumResults() != 1 ||
      map.hasIndices())
    return std::nullopt;
  Value e = map.getBody().getArgument(0);
  Value made = map.getBody().front().getTerminator()->getOperand(0);
  if (auto fromOdds = made.getDefiningOp<FromOddsOp>())
    return fromOdds.getOdds() == e ? std::optional(WeightForm::Quotient)
                                   : std::nullopt;
  Value series = getSeries(made, e);
  if (series && series == e)
    return WeightForm::ShortSeries;
  if (series && getSeries(series, e) == e)
    return WeightForm::LongSeries;
  return std::nullopt;
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

Value sm90::createDecidedWeights(ImplicitLocOpBuilder &b, Value powers,
                                 Type element, bool sharesVotes) {
  auto ranges = SeriesRanges::get(element);
  // A NaN may pass for large or for small here: any weight made of it is one.
  Value zero = arith::ConstantIntOp::create(b, b.getLoc(), 0, 32);
  Value largest = createLargest(b, powers, zero);
  Value takesShort = createVote(b, largest, ranges.shortMost);
  Value takesLong =
      sharesVotes ? createVote(b, largest, ranges.longMost) : Value();
  OpBuilder::InsertionGuard guard(b);
  auto choose = [&](Value condition) {
    return scf::IfOp::create(b, TypeRange(powers.getType()), condition,
                             /*withElseRegion=*/true);
  };
  auto yield = [&](Block *block, WeightForm form) {
    b.setInsertionPointToStart(block);
    scf::YieldOp::create(b, createWeights(b, powers, form));
  };
  scf::IfOp outer = choose(takesShort);
  yield(outer.thenBlock(), WeightForm::ShortSeries);
  b.setInsertionPointToStart(outer.elseBlock());
  if (!sharesVotes)
    takesLong = createVote(b, largest, ranges.longMost);
  scf::IfOp inner = choose(takesLong);
  scf::YieldOp::create(b, inner.getResults());
  yield(inner.thenBlock(), WeightForm::LongSeries);
  yield(inner.elseBlock(), WeightForm::Quotient);
  return outer.getResult(0);
}
