//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Which tile of the problem a block works on, and which keys it sees.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_TILEPOSITION_H
#define SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_TILEPOSITION_H

#include "KernelInterface.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::attn {

struct Divisor;

/// Arithmetic on i32 values, folded where both sides are constant.
class Int32Builder {
public:
  explicit Int32Builder(ImplicitLocOpBuilder &builder) : builder(builder) {}

  Value constant(int64_t value) {
    return arith::ConstantIntOp::create(builder, builder.getLoc(), value, 32);
  }
  Value add(Value a, Value b) { return fold<arith::AddIOp>(a, b); }
  Value add(Value a, int64_t b) { return add(a, constant(b)); }
  Value sub(Value a, Value b) { return fold<arith::SubIOp>(a, b); }
  Value mul(Value a, Value b) { return fold<arith::MulIOp>(a, b); }
  Value mul(Value a, int64_t b) { return mul(a, constant(b)); }
  /// Of numbers that are not negative.
  Value div(Value a, Value b) { return fold<arith::DivUIOp>(a, b); }
  Value div(Value a, int64_t b) { return div(a, constant(b)); }
  /// Quotient and remainder.
  std::pair<Value, Value> divide(Value a, const Divisor &b);
  Value ceilDiv(Value a, int64_t b) { return div(add(a, b - 1), b); }
  Value min(Value a, Value b) { return fold<arith::MinSIOp>(a, b); }
  Value max(Value a, Value b) { return fold<arith::MaxSIOp>(a, b); }
  Value compare(arith::CmpIPredicate predicate, Value a, Value b) {
    return builder.createOrFold<arith::CmpIOp>(predicate, a, b);
  }

private:
  template <typename OpTy> Value fold(Value a, Value b) {
    return builder.createOrFold<OpTy>(a, b);
  }

  ImplicitLocOpBuilder &builder;
};

/// A divisor of tiles' numbers, from 1 to 2^31 - 1. Division takes a GPU over a
/// hundred cycles, and each tile needs several; with `reciprocal`, an i64 of
/// 2^62 / value rounded up, the quotient is the high half of one product.
struct Divisor {
  Value value, reciprocal;
};

/// The parameters of a kernel for division by an expression's value.
Divisor addDivisor(KernelInterface &kernel, const std::string &expression);

/// Sizes of the problem, in the kernel.
struct ProblemSizes {
  Divisor heads, group, queryTiles;
  Value queryLength, keyLength, tiles;
  /// Masked only: all pairs of batch and head, how many of them are worked on
  /// together, how many in the last group, and the tiles of a full group.
  Value pairs;
  Divisor pairsTogether, lastTogether, groupTiles;
  /// Masked with an origin: how far the diagonal lies right of a query's
  /// number, each in 32 bits once the band's bound is added. Null for the
  /// difference of the lengths.
  Value rightShift, leftShift;
};

/// A bound of the band as a 32-bit number: lengths are at most 2^30, so that
/// larger bounds mean the same as that.
inline int64_t clampBound(int64_t bound) {
  return std::min<int64_t>(bound, (1 << 30) - 1);
}

/// The key on the diagonal of query `row`, from which the band's right or left
/// bound counts; `shift` is that side's of `sizes`.
Value getDiagonal(Int32Builder &i32, const ProblemSizes &sizes, Value row,
                  Value shift);

/// The tile that a number stands for: batch, heads, and its first query. A
/// cluster's tile is those of its blocks, one after the other.
struct TilePosition {
  Value batch, head, keyHead, query;
};

/// Tile numbers count queries fastest, so that blocks that run together read
/// the same keys.
TilePosition getTilePosition(ImplicitLocOpBuilder &builder,
                             const ProblemSizes &sizes, Value tile,
                             int64_t queryTile);

/// The order under a mask: pairs of batch and head in groups that share what is
/// read of keys and values; in a group the last queries of every pair first,
/// because they see the most keys.
TilePosition getLongestFirstPosition(ImplicitLocOpBuilder &builder,
                                     const ProblemSizes &sizes, Value tile,
                                     int64_t queryTile);

/// Tiles of keys [begin, end). A bound that is null sets no limit.
struct KeyRange {
  Value begin, end;
};

/// The tiles of keys that some of `rows` queries from `query` on see under a
/// mask (null for none).
KeyRange getSeenRange(ImplicitLocOpBuilder &builder, const ProblemSizes &sizes,
                      MaskAttr mask, Value query, int64_t rows,
                      int64_t keyTile);

/// Those that all of a warpgroup's rows from `row` on see to the last key. With
/// `tail`, keys past the last one make a tile not whole.
KeyRange getFullRange(ImplicitLocOpBuilder &builder, const ProblemSizes &sizes,
                      MaskAttr mask, bool tail, Value row, int64_t keyTile);

} // namespace mlir::attn

#endif // SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_TILEPOSITION_H
