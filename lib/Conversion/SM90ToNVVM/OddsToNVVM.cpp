//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// sm90.from_odds in the instructions of the special unit.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::sm90;

static Value createFloat(LoweringBuilder &builder, float value) {
  return arith::ConstantOp::create(builder, builder.getF32FloatAttr(value));
}

static Value createReciprocal(LoweringBuilder &builder, Value value) {
  return LLVM::CallIntrinsicOp::create(
             builder, value.getType(),
             builder.getStringAttr("llvm.nvvm.rcp.approx.ftz.f"), value)
      .getResult(0);
}

/// e / (1 + e), with a bound on e that keeps an infinite one from giving NaN.
static Value createQuotient(LoweringBuilder &builder, Value odds) {
  Value bounded =
      arith::MinimumFOp::create(builder, odds, createFloat(builder, 1e30f));
  Value under =
      arith::AddFOp::create(builder, bounded, createFloat(builder, 1.0f));
  return arith::MulFOp::create(builder, bounded,
                               createReciprocal(builder, under));
}

/// a / (1 + a) and b / (1 + b) by one reciprocal of the product of both
/// denominators, which bounds keep finite.
static Value createQuotients(LoweringBuilder &builder, Value odds) {
  Value most = createFloat(builder, 0x1p60f);
  auto get = [&](int64_t position) -> Value {
    Value element = vector::ExtractOp::create(builder, odds, position);
    return arith::MinimumFOp::create(builder, element, most);
  };
  Value first = get(0), second = get(1);
  // (1 + a)(1 + b) = (a b + a) + (b + 1)
  Value firstOver = math::FmaOp::create(builder, first, second, first);
  Value secondOver = math::FmaOp::create(builder, first, second, second);
  Value rest =
      arith::AddFOp::create(builder, second, createFloat(builder, 1.0f));
  Value under = arith::AddFOp::create(builder, firstOver, rest);
  Value reciprocal = createReciprocal(builder, under);
  return vector::FromElementsOp::create(
      builder, odds.getType(),
      ValueRange{arith::MulFOp::create(builder, firstOver, reciprocal),
                 arith::MulFOp::create(builder, secondOver, reciprocal)});
}

namespace {
struct FromOddsConversion : OpConversionPattern<FromOddsOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(FromOddsOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    bool isPair = isa<VectorType>(op.getType());
    rewriter.replaceOp(op, isPair ? createQuotients(builder, adaptor.getOdds())
                                  : createQuotient(builder, adaptor.getOdds()));
    return success();
  }
};
} // namespace

void sm90::populateOddsToNVVMPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns) {
  patterns.add<FromOddsConversion>(converter, patterns.getContext());
}
