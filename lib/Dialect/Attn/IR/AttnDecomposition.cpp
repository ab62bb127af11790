//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The attention operations as linalg operations on tensors: contractions, and
// one elementwise operation that turns dot products into weights.
//
// Query heads are split in (key head, head in group), so that heads that share
// a key head read it in place and their gradients sum over a loop. Positions
// of the loops: batch, key head, head in group, query, key, depth.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/AttnWeights.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::attn;

namespace {
/// Loop dimensions of the linalg operations.
enum Loop : unsigned {
  kBatchLoop,
  kKeyHeadLoop,
  kGroupLoop,
  kQueryLoop,
  kKeyLoop,
  kDepthLoop
};

/// The loops that index a value, outermost first.
using Loops = SmallVector<unsigned>;

const Loops &getQueryLoops() {
  static const Loops loops = {kBatchLoop, kKeyHeadLoop, kGroupLoop, kQueryLoop,
                              kDepthLoop};
  return loops;
}
const Loops &getKeyLoops() {
  static const Loops loops = {kBatchLoop, kKeyHeadLoop, kKeyLoop, kDepthLoop};
  return loops;
}
const Loops &getScoreLoops() {
  static const Loops loops = {kBatchLoop, kKeyHeadLoop, kGroupLoop, kQueryLoop,
                              kKeyLoop};
  return loops;
}

/// Builds the decomposition of one op.
class Decomposer {
public:
  Decomposer(OpBuilder &builder, AttentionOpInterface op)
      : builder(builder), loc(op.getLoc()), op(op) {}

  /// `queryLike`, batch x heads x queries x depth, with its heads split.
  Value splitHeads(Value queryLike);
  /// The inverse of `splitHeads`, as a tensor of type `type`.
  Value mergeHeads(Value split, RankedTensorType type);
  /// Sum of `first * second` over every loop that `resultLoops` leaves out, in
  /// f32.
  Value contract(Value first, const Loops &firstLoops, Value second,
                 const Loops &secondLoops, const Loops &resultLoops);
  /// The weights, from dot products of queries and keys.
  Value getWeights(Value dots);
  /// The weights and the scaled gradients of the scores, from dot products of
  /// queries and keys and of output gradients and values.
  std::pair<Value, Value> getWeightsAndGradients(Value dots, Value valueDots);
  /// `value` rounded to the element type of `type`, and of type `type`.
  Value convert(Value value, RankedTensorType type);

private:
  /// An elementwise op over tensors of the shape of `inputs`.
  SmallVector<Value> map(ValueRange inputs, TypeRange elementTypes,
                         function_ref<void(OpBuilder &, Location, ValueRange)>);
  Value createEmpty(ArrayRef<OpFoldResult> sizes, Type elementType) {
    return tensor::EmptyOp::create(builder, loc, sizes, elementType);
  }
  /// The position that the loops of an elementwise op over scores are at.
  ScorePosition getPosition(OpBuilder &nested, Value groupSize);

  OpBuilder &builder;
  Location loc;
  AttentionOpInterface op;
};
} // namespace

/// `value` as a value of `type`, which differs at most in which sizes are
/// static.
static Value castTo(OpBuilder &builder, Location loc, Value value,
                    RankedTensorType type) {
  if (value.getType() == type)
    return value;
  return tensor::CastOp::create(builder, loc, type, value);
}

/// Heads are two dimensions of five, all others are as they were.
static SmallVector<ReassociationIndices> getHeadReassociation() {
  return {{0}, {1, 2}, {3}, {4}};
}

Value Decomposer::splitHeads(Value queryLike) {
  auto type = cast<RankedTensorType>(queryLike.getType());
  SmallVector<OpFoldResult> sizes = getMixedSizes(builder, loc, queryLike);
  OpFoldResult keyHeads = getMixedSize(builder, loc, op.getKey(), kHead);
  sizes[kHead] = keyHeads;
  sizes.insert(sizes.begin() + kHead + 1, op.getMixedGroupSize(builder, loc));
  SmallVector<int64_t> shape;
  std::tie(shape, std::ignore) = decomposeMixedValues(sizes);
  // The merged size must be static exactly if both of its parts are.
  SmallVector<int64_t> merged(type.getShape());
  bool isStatic =
      !ShapedType::isDynamic(shape[1]) && !ShapedType::isDynamic(shape[2]);
  merged[kHead] = isStatic ? shape[1] * shape[2] : ShapedType::kDynamic;
  queryLike = castTo(builder, loc, queryLike, type.clone(merged));
  return tensor::ExpandShapeOp::create(builder, loc, type.clone(shape),
                                       queryLike, getHeadReassociation(),
                                       sizes);
}

Value Decomposer::mergeHeads(Value split, RankedTensorType type) {
  Value merged = tensor::CollapseShapeOp::create(builder, loc, split,
                                                 getHeadReassociation());
  return castTo(builder, loc, merged, type);
}

/// The map from all loops in `domain` to those in `loops`, numbered by their
/// place in `domain`.
static AffineMap getMap(MLIRContext *context, ArrayRef<unsigned> domain,
                        ArrayRef<unsigned> loops) {
  SmallVector<AffineExpr> results;
  for (unsigned loop : loops)
    results.push_back(
        getAffineDimExpr(llvm::find(domain, loop) - domain.begin(), context));
  return AffineMap::get(domain.size(), 0, results, context);
}

Value Decomposer::contract(Value first, const Loops &firstLoops, Value second,
                           const Loops &secondLoops, const Loops &resultLoops) {
  MLIRContext *context = builder.getContext();
  Loops domain(resultLoops);
  for (unsigned loop : {kGroupLoop, kQueryLoop, kKeyLoop, kDepthLoop})
    if (!llvm::is_contained(domain, loop) &&
        (llvm::is_contained(firstLoops, loop) ||
         llvm::is_contained(secondLoops, loop)))
      domain.push_back(loop);
  SmallVector<utils::IteratorType> iterators(domain.size(),
                                             utils::IteratorType::reduction);
  std::fill_n(iterators.begin(), resultLoops.size(),
              utils::IteratorType::parallel);

  SmallVector<OpFoldResult> sizes;
  for (unsigned loop : resultLoops) {
    bool inFirst = llvm::is_contained(firstLoops, loop);
    const Loops &loops = inFirst ? firstLoops : secondLoops;
    sizes.push_back(getMixedSize(builder, loc, inFirst ? first : second,
                                 llvm::find(loops, loop) - loops.begin()));
  }
  Type f32 = builder.getF32Type();
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(0.0f));
  Value init =
      linalg::FillOp::create(builder, loc, zero, createEmpty(sizes, f32))
          .getResult(0);
  auto body = [&](OpBuilder &nested, Location, ValueRange arguments) {
    Value product = arith::MulFOp::create(
        nested, loc, extendToF32(nested, loc, arguments[0]),
        extendToF32(nested, loc, arguments[1]));
    Value sum = arith::AddFOp::create(nested, loc, arguments[2], product);
    linalg::YieldOp::create(nested, loc, sum);
  };
  return linalg::GenericOp::create(
             builder, loc, init.getType(), ValueRange{first, second}, init,
             ArrayRef<AffineMap>{getMap(context, domain, firstLoops),
                                 getMap(context, domain, secondLoops),
                                 getMap(context, domain, resultLoops)},
             iterators, body)
      .getResult(0);
}

SmallVector<Value>
Decomposer::map(ValueRange inputs, TypeRange elementTypes,
                function_ref<void(OpBuilder &, Location, ValueRange)> body) {
  SmallVector<OpFoldResult> sizes = getMixedSizes(builder, loc, inputs[0]);
  SmallVector<Value> inits;
  for (Type type : elementTypes)
    inits.push_back(createEmpty(sizes, type));
  SmallVector<AffineMap> maps(inputs.size() + inits.size(),
                              builder.getMultiDimIdentityMap(sizes.size()));
  SmallVector<utils::IteratorType> iterators(sizes.size(),
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(builder, loc, TypeRange(ValueRange(inits)),
                                   inputs, inits, maps, iterators, body)
      .getResults();
}

ScorePosition Decomposer::getPosition(OpBuilder &nested, Value groupSize) {
  auto index = [&](unsigned loop) -> Value {
    return linalg::IndexOp::create(nested, loc, loop);
  };
  Value head =
      arith::MulIOp::create(nested, loc, index(kKeyHeadLoop), groupSize);
  head = arith::AddIOp::create(nested, loc, head, index(kGroupLoop));
  return getGlobalPosition(
      nested, loc, op,
      {index(kBatchLoop), head, index(kQueryLoop), index(kKeyLoop)});
}

Value Decomposer::getWeights(Value dots) {
  WeightBuilder weights(builder, loc, op);
  Value groupSize = getValueOrCreateConstantIndexOp(
      builder, loc, op.getMixedGroupSize(builder, loc));
  return map(dots, builder.getF32Type(),
             [&](OpBuilder &nested, Location, ValueRange arguments) {
               ScorePosition position = getPosition(nested, groupSize);
               Value weight =
                   weights.buildWeight(nested, arguments[0], position);
               linalg::YieldOp::create(nested, loc, weight);
             })
      .front();
}

std::pair<Value, Value> Decomposer::getWeightsAndGradients(Value dots,
                                                           Value valueDots) {
  WeightBuilder weights(builder, loc, op);
  Value groupSize = getValueOrCreateConstantIndexOp(
      builder, loc, op.getMixedGroupSize(builder, loc));
  Type f32 = builder.getF32Type();
  SmallVector<Value> results =
      map({dots, valueDots}, {f32, f32},
          [&](OpBuilder &nested, Location, ValueRange arguments) {
            ScorePosition position = getPosition(nested, groupSize);
            auto [weight, gradient] = weights.buildWeightAndGradient(
                nested, arguments[0], arguments[1], position);
            linalg::YieldOp::create(nested, loc, ValueRange{weight, gradient});
          });
  return {results[0], results[1]};
}

Value Decomposer::convert(Value value, RankedTensorType type) {
  if (!type.getElementType().isF32())
    value = map(value, type.getElementType(),
                [&](OpBuilder &nested, Location, ValueRange arguments) {
                  Value rounded = arith::TruncFOp::create(
                      nested, loc, type.getElementType(), arguments[0]);
                  linalg::YieldOp::create(nested, loc, rounded);
                })
                .front();
  if (cast<RankedTensorType>(value.getType()).getRank() != type.getRank())
    return mergeHeads(value, type);
  return castTo(builder, loc, value, type);
}

FailureOr<SmallVector<Value>>
SigmoidAttentionOp::decomposeOperation(OpBuilder &builder) {
  auto op = cast<AttentionOpInterface>(getOperation());
  if (!op.hasTensorForm())
    return emitOpError("expected tensors to decompose, got memrefs");
  Decomposer decomposer(builder, op);
  Value query = decomposer.splitHeads(getQuery());
  Value dots = decomposer.contract(query, getQueryLoops(), getKey(),
                                   getKeyLoops(), getScoreLoops());
  Value output =
      decomposer.contract(decomposer.getWeights(dots), getScoreLoops(),
                          getValue(), getKeyLoops(), getQueryLoops());
  auto type = cast<RankedTensorType>(getResult().getType());
  return SmallVector<Value>{decomposer.convert(output, type)};
}

FailureOr<SmallVector<Value>>
SigmoidAttentionBackwardOp::decomposeOperation(OpBuilder &builder) {
  auto op = cast<AttentionOpInterface>(getOperation());
  if (!op.hasTensorForm())
    return emitOpError("expected tensors to decompose, got memrefs");
  Decomposer decomposer(builder, op);
  Value query = decomposer.splitHeads(getQuery());
  Value outputGradient = decomposer.splitHeads(getOutputGradient());
  Value dots = decomposer.contract(query, getQueryLoops(), getKey(),
                                   getKeyLoops(), getScoreLoops());
  Value valueDots =
      decomposer.contract(outputGradient, getQueryLoops(), getValue(),
                          getKeyLoops(), getScoreLoops());
  auto [weight, gradient] = decomposer.getWeightsAndGradients(dots, valueDots);
  SmallVector<Value> gradients;
  if (hasQueryGradient())
    gradients.push_back(decomposer.contract(gradient, getScoreLoops(), getKey(),
                                            getKeyLoops(), getQueryLoops()));
  if (hasKeyAndValueGradients()) {
    gradients.push_back(decomposer.contract(gradient, getScoreLoops(), query,
                                            getQueryLoops(), getKeyLoops()));
    gradients.push_back(decomposer.contract(weight, getScoreLoops(),
                                            outputGradient, getQueryLoops(),
                                            getKeyLoops()));
  }
  SmallVector<Value> results;
  for (auto [value, type] : llvm::zip_equal(gradients, getResultTypes()))
    results.push_back(decomposer.convert(value, cast<RankedTensorType>(type)));
  return results;
}
