//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The weights of attention and the gradients of its scores, as scalar IR.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/AttnWeights.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::attn;

static Value buildF32(OpBuilder &builder, Location loc, float value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getF32FloatAttr(value));
}

Value attn::extendToF32(OpBuilder &builder, Location loc, Value value) {
  if (value.getType().isF32())
    return value;
  return arith::ExtFOp::create(builder, loc, builder.getF32Type(), value);
}

Value attn::buildSigmoid(OpBuilder &builder, Location loc, Value score) {
  Value one = buildF32(builder, loc, 1.0f);
  Value negated = arith::NegFOp::create(builder, loc, score);
  Value exponential = math::ExpOp::create(builder, loc, negated);
  Value denominator = arith::AddFOp::create(builder, loc, one, exponential);
  return arith::DivFOp::create(builder, loc, one, denominator);
}

WeightBuilder::WeightBuilder(OpBuilder &builder, Location loc,
                             AttentionOpInterface op, bool isMasked)
    : loc(loc), op(op), scale(materializeScale(builder, loc, op)) {
  if (MaskAttr mask = op.getMaskAttr(); isMasked && mask && !mask.isUnbounded())
    diagonal = getValueOrCreateConstantIndexOp(
        builder, loc, op.getMixedOrigin(builder, loc).diagonal);
}

Value WeightBuilder::buildScore(OpBuilder &builder, Value dot) {
  Value score = arith::MulFOp::create(builder, loc, dot, scale);
  // Absent, the bias is 0, which would change nothing but take an operation.
  if (Value bias = op.getBias())
    score = arith::AddFOp::create(builder, loc, score, bias);
  return score;
}

Value WeightBuilder::buildVisible(OpBuilder &builder,
                                  const ScorePosition &global) {
  if (!diagonal)
    return {};
  return materializeVisible(builder, loc, op.getMaskAttr(), global.query,
                            global.key, diagonal);
}

Value WeightBuilder::zeroIfMasked(OpBuilder &builder, Value value,
                                  Value visible) {
  if (!visible)
    return value;
  return arith::SelectOp::create(builder, loc, visible, value,
                                 buildF32(builder, loc, 0.0f));
}

Value WeightBuilder::buildWeight(OpBuilder &builder, Value dot,
                                 const ScorePosition &global) {
  Value score = inlineScore(builder, loc, op, buildScore(builder, dot), global);
  Value visible = buildVisible(builder, global);
  return zeroIfMasked(builder, buildSigmoid(builder, loc, score), visible);
}

std::pair<Value, Value>
WeightBuilder::buildWeightAndGradient(OpBuilder &builder, Value dot,
                                      Value weightGradient,
                                      const ScorePosition &global) {
  auto [score, derivative] = inlineScoreAndDerivative(
      builder, loc, op, buildScore(builder, dot), global);
  Value visible = buildVisible(builder, global);
  Value weight = buildSigmoid(builder, loc, score);
  // dS = dP * P * (1 - P) * dR/dS
  Value complement =
      arith::SubFOp::create(builder, loc, buildF32(builder, loc, 1.0f), weight);
  Value slope = arith::MulFOp::create(builder, loc, weight, complement);
  if (op.hasScore())
    slope = arith::MulFOp::create(builder, loc, slope, derivative);
  slope = arith::MulFOp::create(builder, loc, slope, scale);
  Value gradient = arith::MulFOp::create(builder, loc, slope, weightGradient);
  return {zeroIfMasked(builder, weight, visible),
          zeroIfMasked(builder, gradient, visible)};
}
