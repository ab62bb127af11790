//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The map from products to weights.
//
//===----------------------------------------------------------------------===//

#include "WeightMap.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"

#include <limits>

using namespace mlir;
using namespace mlir::attn;

/// Whether a score region may load from memory by this argument. Where it has
/// loads and regions of its own, from which values come by many ways, it may.
static bool isLoadedBy(BlockArgument argument) {
  Block *region = argument.getOwner();
  auto hasRegions = [](Operation &op) { return op.getNumRegions() != 0; };
  bool loads =
      region->walk([](memref::LoadOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (!loads || llvm::any_of(*region, hasRegions))
    return loads;
  SetVector<Operation *> slice;
  getForwardSlice(argument, &slice);
  return llvm::any_of(slice, llvm::IsaPred<memref::LoadOp>);
}

/// Copies the score region to the builder's place and returns its score. Where
/// it loads by the query, rows past the last one are computed as the last one,
/// and with `partial` so are keys.
static Value inlineScore(ImplicitLocOpBuilder &builder, WeightFormula formula,
                         const TilePosition &tile, Value score, Value query,
                         Value key, bool partial) {
  Int32Builder i32(builder);
  Block &block = formula.op.getScore().front();
  if (isLoadedBy(block.getArgument(3)))
    query = i32.min(query, i32.add(formula.sizes.queryLength, -1));
  if (partial && isLoadedBy(block.getArgument(4)))
    key = i32.min(key, i32.add(formula.sizes.keyLength, -1));
  IRMapping mapping;
  mapping.map(block.getArgument(0), score);
  SmallVector<Value, 4> positions{tile.batch, tile.head, query, key};
  for (auto [position, value] : llvm::enumerate(positions)) {
    Value index =
        arith::IndexCastOp::create(builder, builder.getIndexType(), value);
    if (!formula.origin.empty())
      index = arith::AddIOp::create(builder, index, formula.origin[position]);
    mapping.map(block.getArgument(position + 1), index);
  }
  for (Operation &nested : block.without_terminator())
    builder.clone(nested, mapping);
  return mapping.lookupOrDefault(block.getTerminator()->getOperand(0));
}

/// -inf in place of a score that is not visible: its sigmoid is exactly 0.
static Value hideScore(ImplicitLocOpBuilder &builder, WeightFormula formula,
                       Value score, Value query, Value key) {
  Int32Builder i32(builder);
  SmallVector<Value, 3> conditions;
  if (MaskAttr mask = formula.op.getMaskAttr()) {
    auto diagonal = [&](Value shift) {
      return getDiagonal(i32, formula.sizes, query, shift);
    };
    if (mask.getRight())
      conditions.push_back(
          i32.compare(arith::CmpIPredicate::sle, key,
                      i32.add(diagonal(formula.sizes.rightShift),
                              clampBound(*mask.getRight()))));
    if (mask.getLeft())
      conditions.push_back(
          i32.compare(arith::CmpIPredicate::sge, key,
                      i32.add(diagonal(formula.sizes.leftShift),
                              -clampBound(*mask.getLeft()))));
  }
  if (formula.hidesTail())
    conditions.push_back(
        i32.compare(arith::CmpIPredicate::slt, key, formula.sizes.keyLength));
  Value hidden = arith::ConstantFloatOp::create(
      builder, builder.getF32Type(),
      APFloat::getInf(APFloat::IEEEsingle(), /*Negative=*/true));
  for (Value visible : conditions)
    score = arith::SelectOp::create(builder, visible, score, hidden);
  return score;
}

FailureOr<Value> attn::buildWeights(ImplicitLocOpBuilder &builder,
                                    WeightFormula formula, HostValues &host,
                                    const TilePosition &tile, Value products,
                                    Value row, Value column, bool partial) {
  AttentionOpInterface op = formula.op;
  auto map = sm90::MapOp::create(builder, products.getType(), products);
  OpBuilder::InsertionGuard guard(builder);
  Type i32Type = builder.getI32Type();
  Location loc = builder.getLoc();
  SmallVector<Type> types{builder.getF32Type()};
  bool needsIndices = partial || op.hasScore();
  if (needsIndices)
    types.append({i32Type, i32Type});
  Block *body = builder.createBlock(&map.getBody(), {}, types,
                                    SmallVector<Location>(types.size(), loc));
  Value score = body->getArgument(0);
  score =
      formula.bias
          ? math::FmaOp::create(builder, score, formula.scale, formula.bias)
                .getResult()
          : arith::MulFOp::create(builder, score, formula.scale).getResult();
  if (needsIndices) {
    Int32Builder i32(builder);
    Value query = i32.add(row, body->getArgument(1));
    Value key = i32.add(column, body->getArgument(2));
    if (op.hasScore())
      score = inlineScore(builder, formula, tile, score, query, key, partial);
    if (partial)
      score = hideScore(builder, formula, score, query, key);
  }
  Value weight = sm90::SigmoidOp::create(
      builder, score.getType(),
      sm90::SigmoidFormAttr::get(builder.getContext(), formula.form), score);
  sm90::YieldOp::create(builder, weight);
  if (failed(host.isolate(map.getBody())))
    return failure();
  return map.getResult(0);
}
