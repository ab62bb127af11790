//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Orders of tiles, and ranges of keys under a mask.
//
//===----------------------------------------------------------------------===//

#include "TilePosition.h"

#include "sigmoid-attn/Dialect/Attn/Transforms/KernelPlan.h"

using namespace mlir;
using namespace mlir::attn;

Divisor attn::addDivisor(KernelInterface &kernel,
                         const std::string &expression) {
  MLIRContext *context = kernel.getKernel().getContext();
  // Parameters are read where they are used, and take no registers between.
  std::string most = std::to_string((int64_t(1) << 62) - 1);
  return {kernel.addValue(IntegerType::get(context, 32), expression),
          kernel.addValue(IntegerType::get(context, 64),
                          most + " / (" + expression + ") + 1")};
}

std::pair<Value, Value> Int32Builder::divide(Value a, const Divisor &b) {
  // With r * d = 2^62 + e and e < d, the quotient's error n * e / (d * 2^62) is
  // less than 1 / d for n < 2^31, which the high half does not show.
  Type i64 = builder.getI64Type();
  Value wide = arith::ExtUIOp::create(builder, i64, a);
  Value two = arith::ConstantIntOp::create(builder, i64, 2);
  Value shifted = arith::ShLIOp::create(builder, wide, two);
  Value high =
      arith::MulUIExtendedOp::create(builder, shifted, b.reciprocal).getHigh();
  Value quotient = arith::TruncIOp::create(builder, builder.getI32Type(), high);
  return {quotient, sub(a, mul(quotient, b.value))};
}

/// Splits a pair's number into batch and heads.
static TilePosition splitPair(Int32Builder &i32, const ProblemSizes &sizes,
                              Value pair, Value query) {
  auto [batch, head] = i32.divide(pair, sizes.heads);
  Value keyHead = i32.divide(head, sizes.group).first;
  return {batch, head, keyHead, query};
}

TilePosition attn::getTilePosition(ImplicitLocOpBuilder &builder,
                                   const ProblemSizes &sizes, Value tile,
                                   int64_t queryTile) {
  Int32Builder i32(builder);
  auto [pair, index] = i32.divide(tile, sizes.queryTiles);
  return splitPair(i32, sizes, pair, i32.mul(index, queryTile));
}

TilePosition attn::getLongestFirstPosition(ImplicitLocOpBuilder &builder,
                                           const ProblemSizes &sizes,
                                           Value tile, int64_t queryTile) {
  Int32Builder i32(builder);
  auto [group, inGroup] = i32.divide(tile, sizes.groupTiles);
  Value first = i32.mul(group, sizes.pairsTogether.value);
  // The last group may be smaller.
  Value isLast =
      i32.compare(arith::CmpIPredicate::sgt,
                  i32.add(first, sizes.pairsTogether.value), sizes.pairs);
  auto choose = [&](Value ifLast, Value otherwise) -> Value {
    return arith::SelectOp::create(builder, isLast, ifLast, otherwise);
  };
  Divisor width{
      choose(sizes.lastTogether.value, sizes.pairsTogether.value),
      choose(sizes.lastTogether.reciprocal, sizes.pairsTogether.reciprocal)};
  auto [fromLast, column] = i32.divide(inGroup, width);
  Value index = i32.sub(i32.add(sizes.queryTiles.value, -1), fromLast);
  Value pair = i32.add(first, column);
  return splitPair(i32, sizes, pair, i32.mul(index, queryTile));
}

Value attn::getDiagonal(Int32Builder &i32, const ProblemSizes &sizes, Value row,
                        Value shift) {
  return i32.add(row,
                 shift ? shift : i32.sub(sizes.keyLength, sizes.queryLength));
}

KeyRange attn::getSeenRange(ImplicitLocOpBuilder &builder,
                            const ProblemSizes &sizes, MaskAttr mask,
                            Value query, int64_t rows, int64_t keyTile) {
  Int32Builder i32(builder);
  Value zero = i32.constant(0);
  Value begin = zero, end = sizes.keyLength;
  if (mask) {
    if (mask.getRight()) {
      Value diagonal = getDiagonal(i32, sizes, query, sizes.rightShift);
      // The last row that is there sees the most keys.
      Value present =
          i32.min(i32.constant(rows), i32.sub(sizes.queryLength, query));
      // Keys end at 2^30 and the diagonal starts below it: no overflow.
      Value limit =
          i32.add(i32.add(diagonal, present), clampBound(*mask.getRight()));
      end = i32.max(zero, i32.min(end, limit));
    }
    if (mask.getLeft()) {
      Value diagonal = getDiagonal(i32, sizes, query, sizes.leftShift);
      begin = i32.max(zero, i32.add(diagonal, -clampBound(*mask.getLeft())));
    }
  }
  KeyRange range{i32.div(begin, keyTile), i32.ceilDiv(end, keyTile)};
  // A loop's trip count must not be negative for the sums made from it.
  range.end = i32.max(range.begin, range.end);
  return range;
}

KeyRange attn::getFullRange(ImplicitLocOpBuilder &builder,
                            const ProblemSizes &sizes, MaskAttr mask, bool tail,
                            Value row, int64_t keyTile) {
  Int32Builder i32(builder);
  Value zero = i32.constant(0);
  KeyRange range;
  if (tail)
    range.end = i32.div(sizes.keyLength, keyTile);
  if (!mask)
    return range;
  if (mask.getRight()) {
    Value diagonal = getDiagonal(i32, sizes, row, sizes.rightShift);
    // The first row sees the fewest keys to the right.
    Value seen = i32.add(diagonal, clampBound(*mask.getRight()) + 1);
    Value end = i32.div(i32.max(zero, seen), keyTile);
    range.end = tail ? i32.min(range.end, end) : end;
  }
  if (mask.getLeft()) {
    Value diagonal = getDiagonal(i32, sizes, row, sizes.leftShift);
    // The last row starts the furthest right.
    int64_t lastRow = target::kWgmmaRows - 1;
    Value first = i32.add(diagonal, lastRow - clampBound(*mask.getLeft()));
    range.begin = i32.ceilDiv(i32.max(zero, first), keyTile);
  }
  return range;
}
