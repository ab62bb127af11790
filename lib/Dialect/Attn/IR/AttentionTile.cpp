//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which part of each operand a tile of the iteration space needs, with query
// heads that share key heads, and the operation that computes the tile.
//
//===----------------------------------------------------------------------===//

#include "AttentionTile.h"

#include "sigmoid-attn/Dialect/Attn/IR/AttnFormula.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

#include <numeric>

using namespace mlir;
using namespace mlir::attn;

//===----------------------------------------------------------------------===//
// Known divisors
//===----------------------------------------------------------------------===//

static int64_t getKnownDivisor(OpFoldResult value);

/// A number that divides `expr` whatever the values of `operands`; 0 if `expr`
/// is 0, which every number divides.
static int64_t getKnownDivisor(AffineExpr expr, unsigned numDims,
                               ValueRange operands) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return std::abs(constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return getKnownDivisor(operands[dim.getPosition()]);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return getKnownDivisor(operands[numDims + symbol.getPosition()]);
  auto binary = cast<AffineBinaryOpExpr>(expr);
  int64_t left = getKnownDivisor(binary.getLHS(), numDims, operands);
  int64_t right = getKnownDivisor(binary.getRHS(), numDims, operands);
  if (expr.getKind() == AffineExprKind::Add)
    return std::gcd(left, right);
  if (expr.getKind() == AffineExprKind::Mul)
    return left * right;
  return 1;
}

/// A number that is known to divide `value`; 0 if `value` is 0.
static int64_t getKnownDivisor(OpFoldResult value) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return std::abs(*constant);
  auto dynamic = cast<Value>(value);
  auto fromMap = [&](AffineMap map, ValueRange operands) {
    int64_t divisor = 0;
    for (AffineExpr result : map.getResults())
      divisor = std::gcd(divisor,
                         getKnownDivisor(result, map.getNumDims(), operands));
    return divisor;
  };
  if (auto apply = dynamic.getDefiningOp<affine::AffineApplyOp>())
    return fromMap(apply.getAffineMap(), apply.getMapOperands());
  if (auto min = dynamic.getDefiningOp<affine::AffineMinOp>())
    return fromMap(min.getAffineMap(), min.getOperands());
  auto argument = dyn_cast<BlockArgument>(dynamic);
  auto loop =
      argument
          ? dyn_cast<LoopLikeOpInterface>(argument.getOwner()->getParentOp())
          : LoopLikeOpInterface();
  if (!loop)
    return 1;
  auto variables = loop.getLoopInductionVars();
  auto lower = loop.getLoopLowerBounds(), steps = loop.getLoopSteps();
  if (!variables || !lower || !steps)
    return 1;
  for (auto [variable, first, step] :
       llvm::zip_equal(*variables, *lower, *steps))
    if (variable == dynamic)
      return std::gcd(getKnownDivisor(first), getKnownDivisor(step));
  return 1;
}

/// Whether `number` divides everything that `divisor` divides.
static bool divides(int64_t number, int64_t divisor) {
  return divisor % number == 0;
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

bool attn::tilesKeyHeads(AttentionOpInterface op) {
  return llvm::any_of(op.getOutputShapes(), [](const OutputShape &shape) {
    AttentionInput input = shape.sizes[kHead].first;
    return input == kKey || input == kValue;
  });
}

bool attn::coversDim(const Interval &interval, Value shaped, unsigned dim) {
  if (!isZeroInteger(interval.offset))
    return false;
  int64_t size = cast<ShapedType>(shaped.getType()).getDimSize(dim);
  if (!ShapedType::isDynamic(size))
    return isConstantIntValue(interval.size, size);
  auto dynamic = dyn_cast<Value>(interval.size);
  if (!dynamic)
    return false;
  if (auto dimOp = dynamic.getDefiningOp<ShapedDimOpInterface>())
    if (dimOp.getShapedValue() == shaped &&
        isConstantIntValue(dimOp.getDimension(), dim))
      return true;
  // The size of a slice folds to the value that it was cut with.
  Operation *source = shaped.getDefiningOp();
  if (isa_and_nonnull<tensor::ExtractSliceOp, memref::SubViewOp>(source)) {
    SmallVector<OpFoldResult> sizes =
        cast<OffsetSizeAndStrideOpInterface>(source).getMixedSizes();
    if (sizes.size() == 4 && sizes[dim] == interval.size)
      return true;
  }
  // That of an allocation folds to the value it was made with.
  FailureOr<bool> equal =
      ValueBoundsConstraintSet::areEqual(dynamic, {shaped, dim});
  return succeeded(equal) && *equal;
}

/// `value floordiv divisor`.
static OpFoldResult divide(OpBuilder &builder, Location loc, OpFoldResult value,
                           OpFoldResult divisor) {
  AffineExpr numerator, denominator;
  bindDims(builder.getContext(), numerator);
  bindSymbols(builder.getContext(), denominator);
  return affine::makeComposedFoldedAffineApply(
      builder, loc, numerator.floorDiv(denominator), {value, divisor});
}

/// The key heads that the query heads `head` share, if the query heads are
/// whole groups or lie inside one group; failure if that cannot be shown.
static FailureOr<Interval>
getKeyHeads(OpBuilder &builder, AttentionOpInterface op, const Interval &head) {
  Location loc = op.getLoc();
  if (coversDim(head, op.getQuery(), kHead))
    return Interval{builder.getIndexAttr(0),
                    getMixedSize(builder, loc, op.getKey(), kHead)};
  std::optional<int64_t> group = op.getStaticGroupSize();
  if (group == 1)
    return head;
  OpFoldResult mixedGroup = op.getMixedGroupSize(builder, loc);
  OpFoldResult first = divide(builder, loc, head.offset, mixedGroup);
  Interval oneKeyHead = {first, builder.getIndexAttr(1)};
  if (isConstantIntValue(head.size, 1))
    return oneKeyHead;
  if (!group)
    return op.emitOpError("cannot tile heads by more than 1: the number of "
                          "query heads per key head is not static");
  int64_t offsetDivisor = getKnownDivisor(head.offset);
  int64_t sizeDivisor = getKnownDivisor(head.size);
  if (divides(*group, offsetDivisor) && divides(*group, sizeDivisor))
    return Interval{first, divide(builder, loc, head.size, mixedGroup)};
  std::optional<int64_t> size = getConstantIntValue(head.size);
  if (size && *size > 0 && *group % *size == 0 && divides(*size, offsetDivisor))
    return oneKeyHead;
  return op.emitOpError("cannot tile heads: expected tiles of whole groups of ")
         << *group << " query heads, or tiles that divide a group, got offsets "
         << "that are multiples of " << offsetDivisor << " and sizes of "
         << sizeDivisor;
}

FailureOr<AttentionTile> attn::getAttentionTile(OpBuilder &builder,
                                                AttentionOpInterface op,
                                                ArrayRef<OpFoldResult> offsets,
                                                ArrayRef<OpFoldResult> sizes) {
  // Upstream's slices of empty dimensions do not verify.
  if (op.isKnownToBeEmpty())
    return op.emitOpError("cannot tile an operation on empty operands, which "
                          "canonicalization removes");
  Location loc = op.getLoc();
  OpFoldResult zero = builder.getIndexAttr(0);
  AttentionTile tile;
  tile.batch = {offsets[kBatchLoop], sizes[kBatchLoop]};
  tile.query = {offsets[kQueryLoop], sizes[kQueryLoop]};
  tile.key = {offsets[kKeyLoop], sizes[kKeyLoop]};
  tile.depth = {zero, getMixedSize(builder, loc, op.getQuery(), kDepth)};
  tile.valueDepth = {zero, getMixedSize(builder, loc, op.getValue(), kDepth)};
  Interval head = {offsets[kHeadLoop], sizes[kHeadLoop]};
  if (!tilesKeyHeads(op)) {
    FailureOr<Interval> keyHead = getKeyHeads(builder, op, head);
    if (failed(keyHead))
      return failure();
    tile.head = head;
    tile.keyHead = *keyHead;
    return tile;
  }
  AffineExpr keyHeads, group;
  bindDims(builder.getContext(), keyHeads);
  bindSymbols(builder.getContext(), group);
  OpFoldResult groupSize = op.getMixedGroupSize(builder, loc);
  auto toQueryHeads = [&](OpFoldResult value) {
    return affine::makeComposedFoldedAffineApply(builder, loc, keyHeads * group,
                                                 {value, groupSize});
  };
  tile.keyHead = head;
  tile.head = {toQueryHeads(head.offset), toQueryHeads(head.size)};
  return tile;
}

std::array<Interval, 4>
AttentionTile::getInputSlice(AttentionInput input) const {
  switch (input) {
  case kQuery:
    return {batch, head, query, depth};
  case kKey:
    return {batch, keyHead, key, depth};
  case kValue:
    return {batch, keyHead, key, valueDepth};
  case kOutputGradient:
    return {batch, head, query, valueDepth};
  }
  llvm_unreachable("unknown attention input");
}

std::array<Interval, 4>
AttentionTile::getOutputSlice(const OutputShape &shape) const {
  std::array<Interval, 4> slice;
  for (auto [interval, source] : llvm::zip_equal(slice, shape.sizes))
    interval = getInputSlice(source.first)[source.second];
  return slice;
}

bool AttentionTile::coversOutput(AttentionOpInterface op,
                                 const OutputShape &shape) const {
  return llvm::all_of(shape.sizes, [&](auto source) {
    return coversDim(getInputSlice(source.first)[source.second],
                     op.getInputs()[source.first], source.second);
  });
}

void attn::splitIntervals(ArrayRef<Interval> slice,
                          SmallVectorImpl<OpFoldResult> &offsets,
                          SmallVectorImpl<OpFoldResult> &sizes) {
  for (const Interval &interval : slice) {
    offsets.push_back(interval.offset);
    sizes.push_back(interval.size);
  }
}

//===----------------------------------------------------------------------===//
// The op of a tile
//===----------------------------------------------------------------------===//

/// A slice of a tensor or a subview of a memref; null if it is all of it.
static Operation *createSlice(OpBuilder &builder, Location loc, Value shaped,
                              ArrayRef<Interval> slice) {
  if (llvm::all_of(llvm::enumerate(slice), [&](auto interval) {
        return coversDim(interval.value(), shaped, interval.index());
      }))
    return nullptr;
  SmallVector<OpFoldResult> offsets, sizes;
  splitIntervals(slice, offsets, sizes);
  SmallVector<OpFoldResult> strides(slice.size(), builder.getIndexAttr(1));
  if (isa<TensorType>(shaped.getType()))
    return tensor::ExtractSliceOp::create(builder, loc, shaped, offsets, sizes,
                                          strides);
  return memref::SubViewOp::create(builder, loc, shaped, offsets, sizes,
                                   strides);
}

/// The `origin` clause of a tile: empty where the default is as good.
static SmallVector<Value> getTileOrigin(OpBuilder &builder,
                                        AttentionOpInterface op,
                                        const AttentionTile &tile) {
  if (!op.dependsOnPosition())
    return {};
  bool startsAtZero =
      isZeroInteger(tile.query.offset) && isZeroInteger(tile.key.offset) &&
      (!op.hasScore() ||
       (isZeroInteger(tile.batch.offset) && isZeroInteger(tile.head.offset)));
  bool hasAllLengths =
      !op.getMaskAttr() || (coversDim(tile.query, op.getQuery(), kLength) &&
                            coversDim(tile.key, op.getKey(), kLength));
  if (op.getOrigin().empty() && startsAtZero && hasAllLengths)
    return {};
  Location loc = op.getLoc();
  Origin origin = op.getMixedOrigin(builder, loc);
  AffineExpr first, second;
  bindDims(builder.getContext(), first, second);
  auto add = [&](OpFoldResult base, OpFoldResult offset) -> Value {
    return getValueOrCreateConstantIndexOp(
        builder, loc,
        affine::makeComposedFoldedAffineApply(builder, loc, first + second,
                                              {base, offset}));
  };
  // Only a score region sees batch and head.
  OpFoldResult zero = builder.getIndexAttr(0);
  if (!op.hasScore())
    return {add(zero, zero), add(zero, zero),
            add(origin.query, tile.query.offset),
            add(origin.key, tile.key.offset), add(origin.diagonal, zero)};
  return {add(origin.batch, tile.batch.offset),
          add(origin.head, tile.head.offset),
          add(origin.query, tile.query.offset),
          add(origin.key, tile.key.offset), add(origin.diagonal, zero)};
}

TilingResult attn::computeTile(OpBuilder &builder, AttentionOpInterface op,
                               const AttentionTile &tile,
                               ArrayRef<Type> elementTypes) {
  Location loc = op.getLoc();
  TilingResult result;
  SmallVector<Value> inputs, buffers;
  auto slice = [&](Value shaped, ArrayRef<Interval> intervals) -> Value {
    Operation *created = createSlice(builder, loc, shaped, intervals);
    if (!created)
      return shaped;
    result.generatedSlices.push_back(created);
    return created->getResult(0);
  };
  for (auto [position, input] : llvm::enumerate(op.getInputs()))
    inputs.push_back(slice(
        input, tile.getInputSlice(static_cast<AttentionInput>(position))));
  for (auto [shape, buffer] :
       llvm::zip(op.getOutputShapes(), op.getOutputBuffers()))
    buffers.push_back(slice(buffer, tile.getOutputSlice(shape)));
  SmallVector<Type> resultTypes;
  for (auto [position, type] : llvm::enumerate(op->getResultTypes())) {
    SmallVector<OpFoldResult> offsets, sizes;
    splitIntervals(tile.getOutputSlice(op.getOutputShapes()[position]), offsets,
                   sizes);
    resultTypes.push_back(RankedTensorType::get(
        decomposeMixedValues(sizes).first, elementTypes[position]));
  }
  AttentionOpInterface tiled = op.createLike(
      builder, resultTypes, inputs, buffers, getTileOrigin(builder, op, tile));
  IRMapping mapping;
  op.getScore().cloneInto(&tiled.getScore(), mapping);
  result.tiledOps.push_back(tiled);
  llvm::append_range(result.tiledValues, tiled->getResults());
  return result;
}
