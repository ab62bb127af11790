//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The attention op of a match, and the layouts around it.
//
//===----------------------------------------------------------------------===//

#include "AttentionBuilder.h"

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::attn::raise;

/// The element type in which attention is computed: that of the inputs, or f32
/// if they differ.
static Type getInputType(const AttentionMatch &match) {
  auto getType = [](const IndexedTensor &input) {
    return getElementTypeOrSelf(input.tensor.getType());
  };
  Type query = getType(match.query);
  if (query == getType(match.key) && query == getType(match.value))
    return query;
  return Float32Type::get(query.getContext());
}

/// Lays an input out as batch x heads x length x depth.
static Value buildInput(OpBuilder &builder, Location loc,
                        const IndexSpace &space, const IndexedTensor &input,
                        Type elementType, ArrayRef<AxisList> dims) {
  Value cast = buildElementCast(builder, loc, input.tensor, elementType);
  return buildRelayout(builder, loc, space, cast, input.indices, dims);
}

/// Whether `scale` is what an op without a scale has.
static bool isDefaultScale(const AttentionMatch &match,
                           const IndexSpace &space) {
  int64_t depth = space.getSize(match.depth);
  return match.scale->kind == Expr::Kind::Float && depth > 0 &&
         static_cast<float>(match.scale->number) ==
             static_cast<float>(1 / std::sqrt(static_cast<double>(depth)));
}

/// The values of the axes that a mixed-radix index is made of.
static void buildAxes(OpBuilder &builder, Location loc, const IndexSpace &space,
                      Value index, ArrayRef<Axis> axes,
                      llvm::DenseMap<Axis, Value> &values) {
  while (axes.size() > 1) {
    Value size = getValueOrCreateConstantIndexOp(
        builder, loc, space.buildSize(builder, loc, axes.back()));
    values[axes.back()] = arith::RemUIOp::create(builder, loc, index, size);
    index = arith::DivUIOp::create(builder, loc, index, size);
    axes = axes.drop_back();
  }
  if (!axes.empty())
    values[axes.back()] = index;
}

/// Fills the score region of `op`.
static void buildScore(OpBuilder &builder, SigmoidAttentionOp op,
                       ExprPool &pool, const IndexSpace &space,
                       const AttentionMatch &match, ExprBuilder &uniform) {
  OpBuilder::InsertionGuard guard(builder);
  Location loc = op.getLoc();
  Type index = builder.getIndexType();
  Block *body = builder.createBlock(
      &op.getScore(), {}, {builder.getF32Type(), index, index, index, index},
      SmallVector<Location>(5, loc));
  llvm::DenseMap<Axis, Value> axes;
  AxisList dims[] = {match.batch, match.getHeads(), match.row, match.column};
  for (auto [position, dim] : llvm::enumerate(dims))
    buildAxes(builder, loc, space, body->getArgument(position + 1), dim, axes);
  auto axisValue = [&](Axis axis) { return axes.lookup(axis); };
  ExprBuilder score(builder, loc, space, axisValue, &uniform);
  score.setPlaceholder(pool.placeholder(), body->getArgument(0));
  auto isSmall = [&](const Expr *expr) {
    AxisList used = collectAxes(expr);
    auto uses = [&](ArrayRef<Axis> of) {
      return llvm::any_of(
          of, [&](Axis axis) { return llvm::is_contained(used, axis); });
    };
    return !contains(expr, pool.placeholder()) &&
           !(uses(match.row) && uses(match.column));
  };
  score.useHomesOf(isSmall);
  YieldOp::create(builder, loc, score.build(match.score));
}

/// Builds the op on inputs in the layout of attention.
static Value buildOp(OpBuilder &builder, Location loc, ExprPool &pool,
                     const IndexSpace &space, const AttentionMatch &match,
                     ValueRange inputs, RankedTensorType type) {
  auto noAxes = [](Axis) { return Value(); };
  OpBuilder before(builder);
  ExprBuilder uniform(before, loc, space, noAxes);
  Value scale, bias;
  if (!isDefaultScale(match, space))
    scale = uniform.build(match.scale);
  if (!match.bias->isNumber(0))
    bias = uniform.build(match.bias);
  MaskAttr mask;
  if (match.band.left || match.band.right)
    mask =
        MaskAttr::get(builder.getContext(), match.band.left, match.band.right);
  auto op = SigmoidAttentionOp::create(
      builder, loc, type, inputs[0], inputs[1], inputs[2], /*output=*/Value(),
      scale, bias, /*origin=*/ValueRange(), mask, /*schedule=*/nullptr);
  // Uniform parts of the score are computed before the op.
  before.setInsertionPoint(op);
  if (match.score != pool.placeholder())
    buildScore(builder, op, pool, space, match, uniform);
  return op.getResult();
}

Value attn::raise::buildAttention(OpBuilder &builder, Location loc,
                                  ExprPool &pool, const IndexSpace &space,
                                  const AttentionMatch &match) {
  Type inputType = getInputType(match);
  AxisList heads = match.getHeads();
  auto build = [&](const IndexedTensor &input, ArrayRef<AxisList> dims) {
    return buildInput(builder, loc, space, input, inputType, dims);
  };
  Value inputs[] = {
      build(match.query, {match.batch, heads, match.row, match.depth}),
      build(match.key,
            {match.batch, match.keyHeads, match.column, match.depth}),
      build(match.value,
            {match.batch, match.keyHeads, match.column, match.valueDepth})};
  // The op's result is in the type of its inputs or in f32.
  auto outputType = cast<RankedTensorType>(match.output.tensor.getType());
  Type elementType = outputType.getElementType() == inputType
                         ? inputType
                         : Float32Type::get(builder.getContext());
  AxisList dims[] = {match.batch, heads, match.row, match.valueDepth};
  auto shape = llvm::map_to_vector(
      dims, [&](const AxisList &list) { return space.getSize(list); });
  Value output = buildOp(builder, loc, pool, space, match, inputs,
                         RankedTensorType::get(shape, elementType));
  output =
      buildRelayout(builder, loc, space, output, dims, match.output.indices);
  output = buildElementCast(builder, loc, output, outputType.getElementType());
  if (output.getType() != outputType)
    output = tensor::CastOp::create(builder, loc, outputType, output);
  return output;
}
