//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parts of the attention formula as IR.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/AttnFormula.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

#include <cmath>

using namespace mlir;
using namespace mlir::attn;

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

OpFoldResult attn::getMixedSize(OpBuilder &builder, Location loc, Value shaped,
                                unsigned dim) {
  return linalg::createFoldedDimOp(builder, loc, shaped, dim);
}

SmallVector<OpFoldResult> attn::getMixedSizes(OpBuilder &builder, Location loc,
                                              Value shaped) {
  SmallVector<OpFoldResult> sizes;
  for (unsigned dim :
       llvm::seq<unsigned>(0, cast<ShapedType>(shaped.getType()).getRank()))
    sizes.push_back(getMixedSize(builder, loc, shaped, dim));
  return sizes;
}

SmallVector<OpFoldResult> attn::getMixedOutputSizes(OpBuilder &builder,
                                                    Location loc,
                                                    AttentionOpInterface op,
                                                    unsigned output) {
  SmallVector<OpFoldResult> sizes;
  for (auto [input, dim] : op.getOutputShapes()[output].sizes)
    sizes.push_back(getMixedSize(builder, loc, op.getInputs()[input], dim));
  return sizes;
}

//===----------------------------------------------------------------------===//
// Scale and bias
//===----------------------------------------------------------------------===//

float attn::getDefaultScale(int64_t headDim) {
  return static_cast<float>(
      1.0 / std::sqrt(static_cast<double>(std::max<int64_t>(headDim, 1))));
}

Value attn::materializeScale(OpBuilder &builder, Location loc,
                             AttentionOpInterface op) {
  if (Value scale = op.getScale())
    return scale;
  FloatType f32 = builder.getF32Type(), f64 = builder.getF64Type();
  OpFoldResult headDim = getMixedSize(builder, loc, op.getQuery(), kDepth);
  if (std::optional<int64_t> size = getConstantIntValue(headDim))
    return arith::ConstantOp::create(
        builder, loc, builder.getF32FloatAttr(getDefaultScale(*size)));
  // In f64, so that the scale is the same float as for a static head dim.
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value size = arith::MaxSIOp::create(
      builder, loc, getValueOrCreateConstantIndexOp(builder, loc, headDim),
      one);
  size = arith::IndexCastOp::create(builder, loc, builder.getI64Type(), size);
  size = arith::SIToFPOp::create(builder, loc, f64, size);
  Value root = math::SqrtOp::create(builder, loc, size);
  Value unit =
      arith::ConstantOp::create(builder, loc, builder.getF64FloatAttr(1.0));
  Value scale = arith::DivFOp::create(builder, loc, unit, root);
  return arith::TruncFOp::create(builder, loc, f32, scale);
}

Value attn::materializeBias(OpBuilder &builder, Location loc,
                            AttentionOpInterface op) {
  if (Value bias = op.getBias())
    return bias;
  return arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(0.0f));
}

//===----------------------------------------------------------------------===//
// Score region
//===----------------------------------------------------------------------===//

ScorePosition attn::getGlobalPosition(OpBuilder &builder, Location loc,
                                      AttentionOpInterface op,
                                      const ScorePosition &local) {
  OperandRange origin = op.getOrigin();
  if (origin.empty())
    return local;
  auto add = [&](Value first, Value offset) -> Value {
    return arith::AddIOp::create(builder, loc, first, offset);
  };
  return {add(origin[0], local.batch), add(origin[1], local.head),
          add(origin[2], local.query), add(origin[3], local.key)};
}

Value attn::inlineScore(OpBuilder &builder, Location loc,
                        AttentionOpInterface op, Value score,
                        const ScorePosition &global, IRMapping *mapping) {
  if (!op.hasScore())
    return score;
  Block &body = op.getScore().front();
  IRMapping local = mapping ? *mapping : IRMapping();
  Value arguments[] = {score, global.batch, global.head, global.query,
                       global.key};
  local.map(body.getArguments(), ValueRange(arguments));
  for (Operation &nested : body.without_terminator())
    builder.clone(nested, local);
  return local.lookupOrDefault(cast<YieldOp>(body.getTerminator()).getScore());
}

//===----------------------------------------------------------------------===//
// Mask
//===----------------------------------------------------------------------===//

Value attn::materializeVisible(OpBuilder &builder, Location loc, MaskAttr mask,
                               Value query, Value key, Value diagonal) {
  if (!mask || mask.isUnbounded())
    return {};
  // distance = key - (query + diagonal); visible: -left <= distance <= right.
  Value aligned = arith::AddIOp::create(builder, loc, query, diagonal);
  Value distance = arith::SubIOp::create(builder, loc, key, aligned);
  auto compare = [&](arith::CmpIPredicate predicate, int64_t bound) -> Value {
    Value limit = arith::ConstantIndexOp::create(builder, loc, bound);
    return arith::CmpIOp::create(builder, loc, predicate, distance, limit);
  };
  Value visible;
  if (std::optional<int64_t> left = mask.getLeft())
    visible = compare(arith::CmpIPredicate::sge, -*left);
  if (std::optional<int64_t> right = mask.getRight()) {
    Value below = compare(arith::CmpIPredicate::sle, *right);
    visible =
        visible ? arith::AndIOp::create(builder, loc, visible, below) : below;
  }
  return visible;
}

/// `query + diagonal + distance`, clamped to [0, `keyCount`].
static OpFoldResult getClampedKey(OpBuilder &builder, Location loc,
                                  OpFoldResult query, OpFoldResult diagonal,
                                  int64_t distance, OpFoldResult keyCount) {
  MLIRContext *context = builder.getContext();
  AffineExpr first, second;
  bindDims(context, first, second);
  OpFoldResult atLeastZero = affine::makeComposedFoldedAffineMax(
      builder, loc,
      AffineMap::get(
          2, 0, {first + second + distance, builder.getAffineConstantExpr(0)},
          context),
      {query, diagonal});
  return affine::makeComposedFoldedAffineMin(
      builder, loc, AffineMap::get(2, 0, {first, second}, context),
      {atLeastZero, keyCount});
}

/// The keys from the left edge of the band at query `leftQuery` to its right
/// edge at query `rightQuery`.
static KeyRange getBand(OpBuilder &builder, Location loc, MaskAttr mask,
                        OpFoldResult leftQuery, OpFoldResult rightQuery,
                        OpFoldResult diagonal, OpFoldResult keyCount) {
  KeyRange range = {builder.getIndexAttr(0), keyCount};
  if (mask && mask.getLeft())
    range.begin = getClampedKey(builder, loc, leftQuery, diagonal,
                                -*mask.getLeft(), keyCount);
  if (mask && mask.getRight())
    range.end = getClampedKey(builder, loc, rightQuery, diagonal,
                              *mask.getRight() + 1, keyCount);
  return range;
}

/// The query before `end`.
static OpFoldResult getLast(OpBuilder &builder, Location loc,
                            OpFoldResult end) {
  AffineExpr query;
  bindDims(builder.getContext(), query);
  return affine::makeComposedFoldedAffineApply(builder, loc, query - 1, {end});
}

KeyRange attn::getKeysVisibleToAny(OpBuilder &builder, Location loc,
                                   MaskAttr mask, OpFoldResult queryBegin,
                                   OpFoldResult queryEnd, OpFoldResult diagonal,
                                   OpFoldResult keyCount) {
  return getBand(builder, loc, mask, queryBegin,
                 getLast(builder, loc, queryEnd), diagonal, keyCount);
}

KeyRange attn::getKeysVisibleToAll(OpBuilder &builder, Location loc,
                                   MaskAttr mask, OpFoldResult queryBegin,
                                   OpFoldResult queryEnd, OpFoldResult diagonal,
                                   OpFoldResult keyCount) {
  return getBand(builder, loc, mask, getLast(builder, loc, queryEnd),
                 queryBegin, diagonal, keyCount);
}
