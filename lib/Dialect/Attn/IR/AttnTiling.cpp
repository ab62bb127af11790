//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TilingInterface and PartialReductionOpInterface of the attention operations.
// Partial results over keys (and, in the backward op, over queries) are f32 and
// add up.
//
//===----------------------------------------------------------------------===//

#include "AttentionTile.h"

#include "sigmoid-attn/Dialect/Attn/IR/AttnFormula.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::attn;

using LoopSet = llvm::SetVector<unsigned>;

//===----------------------------------------------------------------------===//
// Tiling
//===----------------------------------------------------------------------===//

/// The loop that runs over the length of an output.
static AttentionLoop getLengthLoop(const OutputShape &shape) {
  AttentionInput input = shape.sizes[kLength].first;
  return input == kKey || input == kValue ? kKeyLoop : kQueryLoop;
}

/// Whether an output is a sum over one of the loops `loops`.
static bool isSummed(const OutputShape &shape, const LoopSet &loops) {
  AttentionLoop other =
      getLengthLoop(shape) == kKeyLoop ? kQueryLoop : kKeyLoop;
  return loops.contains(other);
}

static SmallVector<Range> getLoopRanges(AttentionOpInterface op,
                                        OpBuilder &builder) {
  Value query = op.getQuery(), key = op.getKey();
  std::pair<Value, unsigned> sources[kNumLoops] = {
      {query, kBatch},
      {tilesKeyHeads(op) ? key : query, kHead},
      {query, kLength},
      {key, kLength}};
  SmallVector<Range> ranges;
  for (auto [shaped, dim] : sources)
    ranges.push_back({builder.getIndexAttr(0),
                      getMixedSize(builder, op.getLoc(), shaped, dim),
                      builder.getIndexAttr(1)});
  return ranges;
}

/// Fails if the tile holds only part of a sum: a result without an initial
/// value cannot be added to.
static LogicalResult checkHoldsSums(AttentionOpInterface op,
                                    const AttentionTile &tile) {
  LoopSet partial;
  if (!coversDim(tile.query, op.getQuery(), kLength))
    partial.insert(kQueryLoop);
  if (!coversDim(tile.key, op.getKey(), kLength))
    partial.insert(kKeyLoop);
  for (const OutputShape &shape : op.getOutputShapes())
    if (isSummed(shape, partial))
      return op.emitOpError("cannot tile ")
             << (getLengthLoop(shape) == kKeyLoop ? "queries" : "keys")
             << " except by partial reduction: the " << shape.name
             << " is a sum over them";
  return success();
}

/// The element types of the outputs as they are.
static SmallVector<Type> getElementTypes(AttentionOpInterface op) {
  return llvm::map_to_vector(op.getOutputTypes(), [](ShapedType type) {
    return type.getElementType();
  });
}

namespace {
template <typename OpTy>
struct AttentionTiling
    : TilingInterface::ExternalModel<AttentionTiling<OpTy>, OpTy> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *op) const {
    auto attention = cast<AttentionOpInterface>(op);
    SmallVector<utils::IteratorType> types(kNumLoops,
                                           utils::IteratorType::parallel);
    for (AttentionLoop loop : {kQueryLoop, kKeyLoop}) {
      LoopSet loops;
      loops.insert(loop);
      for (const OutputShape &shape : attention.getOutputShapes())
        if (isSummed(shape, loops))
          types[loop] = utils::IteratorType::reduction;
    }
    return types;
  }

  SmallVector<Range> getIterationDomain(Operation *op,
                                        OpBuilder &builder) const {
    return getLoopRanges(cast<AttentionOpInterface>(op), builder);
  }

  FailureOr<TilingResult>
  getTiledImplementation(Operation *operation, OpBuilder &builder,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) const {
    auto op = cast<AttentionOpInterface>(operation);
    FailureOr<AttentionTile> tile =
        getAttentionTile(builder, op, offsets, sizes);
    if (failed(tile) || failed(checkHoldsSums(op, *tile)))
      return failure();
    return computeTile(builder, op, *tile, getElementTypes(op));
  }

  LogicalResult
  getResultTilePosition(Operation *operation, OpBuilder &builder,
                        unsigned resultNumber, ArrayRef<OpFoldResult> offsets,
                        ArrayRef<OpFoldResult> sizes,
                        SmallVector<OpFoldResult> &resultOffsets,
                        SmallVector<OpFoldResult> &resultSizes) const {
    auto op = cast<AttentionOpInterface>(operation);
    FailureOr<AttentionTile> tile =
        getAttentionTile(builder, op, offsets, sizes);
    if (failed(tile))
      return failure();
    splitIntervals(tile->getOutputSlice(op.getOutputShapes()[resultNumber]),
                   resultOffsets, resultSizes);
    return success();
  }

  /// Any slice of the forward output can be computed by itself, also one of
  /// the value's head dim. A gradient cannot without the other two.
  FailureOr<TilingResult>
  generateResultTileValue(Operation *operation, OpBuilder &builder, unsigned,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) const {
    auto op = cast<AttentionOpInterface>(operation);
    if (!isa<SigmoidAttentionOp>(operation))
      return op.emitOpError("cannot compute a tile of one gradient alone");
    OpFoldResult zero = builder.getIndexAttr(0);
    OpFoldResult keys =
        getMixedSize(builder, op.getLoc(), op.getKey(), kLength);
    FailureOr<AttentionTile> tile = getAttentionTile(
        builder, op, {offsets[0], offsets[1], offsets[2], zero},
        {sizes[0], sizes[1], sizes[2], keys});
    if (failed(tile))
      return failure();
    tile->valueDepth = {offsets[kDepth], sizes[kDepth]};
    return computeTile(builder, op, *tile, getElementTypes(op));
  }

  LogicalResult getIterationDomainTileFromResultTile(
      Operation *operation, OpBuilder &builder, unsigned resultNumber,
      ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
      SmallVectorImpl<OpFoldResult> &loopOffsets,
      SmallVectorImpl<OpFoldResult> &loopSizes) const {
    auto op = cast<AttentionOpInterface>(operation);
    if (!isa<SigmoidAttentionOp>(operation) ||
        !coversDim({offsets[kDepth], sizes[kDepth]}, op.getValue(), kDepth))
      return failure();
    loopOffsets.assign({offsets[kBatch], offsets[kHead], offsets[kLength],
                        builder.getIndexAttr(0)});
    loopSizes.assign(
        {sizes[kBatch], sizes[kHead], sizes[kLength],
         getMixedSize(builder, op.getLoc(), op.getKey(), kLength)});
    return success();
  }

  /// A tile of the query decides which tile of the forward op needs it.
  LogicalResult getIterationDomainTileFromOperandTiles(
      Operation *operation, OpBuilder &builder, ArrayRef<unsigned> operands,
      ArrayRef<SmallVector<OpFoldResult>> offsets,
      ArrayRef<SmallVector<OpFoldResult>> sizes,
      SmallVectorImpl<OpFoldResult> &loopOffsets,
      SmallVectorImpl<OpFoldResult> &loopSizes) const {
    auto op = cast<AttentionOpInterface>(operation);
    if (!isa<SigmoidAttentionOp>(operation) || operands.size() != 1 ||
        operands[0] != kQuery ||
        !coversDim({offsets[0][kDepth], sizes[0][kDepth]}, op.getQuery(),
                   kDepth))
      return failure();
    loopOffsets.assign({offsets[0][kBatch], offsets[0][kHead],
                        offsets[0][kLength], builder.getIndexAttr(0)});
    loopSizes.assign(
        {sizes[0][kBatch], sizes[0][kHead], sizes[0][kLength],
         getMixedSize(builder, op.getLoc(), op.getKey(), kLength)});
    return success();
  }

  FailureOr<TilingResult> getTiledImplementationFromOperandTiles(
      Operation *operation, OpBuilder &builder, ArrayRef<unsigned> operands,
      ArrayRef<SmallVector<OpFoldResult>> offsets,
      ArrayRef<SmallVector<OpFoldResult>> sizes) const {
    SmallVector<OpFoldResult> loopOffsets, loopSizes;
    if (failed(getIterationDomainTileFromOperandTiles(operation, builder,
                                                      operands, offsets, sizes,
                                                      loopOffsets, loopSizes)))
      return failure();
    return getTiledImplementation(operation, builder, loopOffsets, loopSizes);
  }
};

template <typename OpTy>
struct AttentionPartialReduction : PartialReductionOpInterface::ExternalModel<
                                       AttentionPartialReduction<OpTy>, OpTy> {
  FailureOr<SmallVector<Value>> generateInitialTensorForPartialReduction(
      Operation *operation, OpBuilder &builder, Location loc,
      ArrayRef<OpFoldResult>, const LoopSet &reductionDims) const {
    auto op = cast<AttentionOpInterface>(operation);
    if (!op.hasTensorForm())
      return op.emitOpError("cannot tile by partial reduction on memrefs");
    SmallVector<Value> initial;
    for (auto [position, shape] : llvm::enumerate(op.getOutputShapes())) {
      SmallVector<OpFoldResult> sizes =
          getMixedOutputSizes(builder, loc, op, position);
      bool summed = isSummed(shape, reductionDims);
      Type elementType =
          summed ? builder.getF32Type() : getElementTypes(op)[position];
      Value tensor = tensor::EmptyOp::create(builder, loc, sizes, elementType);
      if (summed) {
        Value zero = arith::ConstantOp::create(builder, loc,
                                               builder.getF32FloatAttr(0.0f));
        tensor = linalg::FillOp::create(builder, loc, zero, tensor).result();
      }
      initial.push_back(tensor);
    }
    return initial;
  }

  FailureOr<TilingResult> tileToPartialReduction(
      Operation *operation, OpBuilder &builder, Location loc,
      ReductionTilingStrategy strategy, ValueRange init,
      ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
      const LoopSet &reductionDims, ArrayRef<OpFoldResult>) const {
    auto op = cast<AttentionOpInterface>(operation);
    if (strategy == ReductionTilingStrategy::PartialReductionOuterParallel)
      return op.emitOpError("cannot add up partial results of a parallel loop: "
                            "expected a sequential one");
    FailureOr<AttentionTile> tile =
        getAttentionTile(builder, op, offsets, sizes);
    if (failed(tile))
      return failure();
    SmallVector<Type> elementTypes;
    for (Value tensor : init)
      elementTypes.push_back(getElementTypeOrSelf(tensor.getType()));
    TilingResult result = computeTile(builder, op, *tile, elementTypes);
    for (auto [position, shape] : llvm::enumerate(op.getOutputShapes()))
      if (isSummed(shape, reductionDims))
        addToInit(builder, op, *tile, shape, init[position],
                  result.tiledValues[position]);
    return result;
  }

  FailureOr<MergeResult> mergeReductions(Operation *operation,
                                         OpBuilder &builder, Location loc,
                                         ValueRange partial,
                                         const LoopSet &) const {
    auto op = cast<AttentionOpInterface>(operation);
    MergeResult result;
    for (auto [position, sum] : llvm::enumerate(partial)) {
      auto type = cast<RankedTensorType>(op->getResult(position).getType());
      result.replacements.push_back(
          convertElements(builder, loc, sum, type, result.mergeOps));
    }
    // Sums of f32 results are the results: the loop has merged them. Callers
    // want an op, so that they get the loop.
    if (result.mergeOps.empty())
      result.mergeOps.push_back(partial.front().getDefiningOp());
    return result;
  }

  LogicalResult getPartialResultTilePosition(
      Operation *op, OpBuilder &builder, unsigned resultNumber,
      ReductionTilingStrategy, ArrayRef<OpFoldResult> offsets,
      ArrayRef<OpFoldResult> sizes, const LoopSet &, ArrayRef<OpFoldResult>,
      SmallVector<OpFoldResult> &resultOffsets,
      SmallVector<OpFoldResult> &resultSizes) const {
    return cast<TilingInterface>(op).getResultTilePosition(
        builder, resultNumber, offsets, sizes, resultOffsets, resultSizes);
  }

private:
  /// Replaces `value`, a tile of an output, by its sum with the same tile of
  /// `init`.
  static void addToInit(OpBuilder &builder, AttentionOpInterface op,
                        const AttentionTile &tile, const OutputShape &shape,
                        Value init, Value &value) {
    if (!tile.coversOutput(op, shape)) {
      SmallVector<OpFoldResult> offsets, sizes;
      splitIntervals(tile.getOutputSlice(shape), offsets, sizes);
      SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
      init = tensor::ExtractSliceOp::create(builder, op.getLoc(), init, offsets,
                                            sizes, strides);
    }
    value = linalg::AddOp::create(builder, op.getLoc(), init.getType(),
                                  ValueRange{value, init}, ValueRange{init})
                .getResult(0);
  }

  /// `tensor` as a value of `type`, rounded to its element type. The op that
  /// rounds is added to `ops`.
  static Value convertElements(OpBuilder &builder, Location loc, Value tensor,
                               RankedTensorType type,
                               SmallVectorImpl<Operation *> &ops) {
    if (getElementTypeOrSelf(tensor.getType()) != type.getElementType())
      tensor = roundElements(builder, loc, tensor, type, ops);
    if (tensor.getType() == type)
      return tensor;
    return tensor::CastOp::create(builder, loc, type, tensor);
  }

  static Value roundElements(OpBuilder &builder, Location loc, Value tensor,
                             RankedTensorType type,
                             SmallVectorImpl<Operation *> &ops) {
    auto map = builder.getMultiDimIdentityMap(type.getRank());
    SmallVector<utils::IteratorType> iterators(type.getRank(),
                                               utils::IteratorType::parallel);
    Value empty = tensor::EmptyOp::create(builder, loc,
                                          getMixedSizes(builder, loc, tensor),
                                          type.getElementType());
    auto convert = linalg::GenericOp::create(
        builder, loc, empty.getType(), tensor, empty,
        ArrayRef<AffineMap>{map, map}, iterators,
        [](OpBuilder &b, Location bodyLoc, ValueRange arguments) {
          Value rounded = arith::TruncFOp::create(
              b, bodyLoc, arguments[1].getType(), arguments[0]);
          linalg::YieldOp::create(b, bodyLoc, rounded);
        });
    ops.push_back(convert);
    return convert.getResult(0);
  }
};
} // namespace

template <typename OpTy> static void attachTilingTo(MLIRContext &context) {
  OpTy::template attachInterface<AttentionTiling<OpTy>,
                                 AttentionPartialReduction<OpTy>>(context);
}

void attn::detail::attachTiling(MLIRContext &context) {
  attachTilingTo<SigmoidAttentionOp>(context);
  attachTilingTo<SigmoidAttentionBackwardOp>(context);
}
