//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// TMA copies: one instruction for each box of 64 columns.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace mlir::sm90;

/// Calls `copy` for each box of the tile, with its address and its
/// coordinates, innermost first.
static void
forEachBox(LoweringBuilder &builder, TileType type, Value tile,
           ArrayRef<Value> coordinates,
           function_ref<void(Value address, ValueRange coordinates)> copy) {
  SmallVector<Value> reversed(llvm::reverse(coordinates));
  Value firstCol = reversed[0];
  for (int64_t box = 0; box < type.getNumBoxes(); ++box) {
    reversed[0] = builder.add(firstCol, box * TileType::kBoxCols);
    Value address = builder.add(tile, box * type.getBoxBytes());
    copy(builder.sharedPointer(address), reversed);
  }
}

/// The single values of 1:1 operands.
static SmallVector<Value> getSingles(ArrayRef<ValueRange> ranges) {
  SmallVector<Value> values;
  for (ValueRange range : ranges)
    values.push_back(range[0]);
  return values;
}

namespace {

struct TmaLoadConversion : OpConversionPattern<TmaLoadOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(TmaLoadOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    AllocRingOp ring = getAllocation(op.getRing());
    Value barrier = builder.sharedPointer(
        getFullBarrier(builder, ring, adaptor.getCursor()[0]));
    Value policy, blocks, tile = adaptor.getTile()[0];
    if (op.getCachePolicyAttr())
      policy = arith::ConstantOp::create(builder, op.getCachePolicyAttr());
    SmallVector<Value> coordinates = getSingles(adaptor.getCoordinates());
    if (ring.isShared()) {
      int64_t rows = op.getTile().getType().getRows() / ring.getCluster();
      Value rank = builder.rank();
      tile =
          builder.add(tile, builder.mul(rank, rows * TileType::kBoxRowBytes));
      Value &row = coordinates.rbegin()[1];
      row = builder.add(row, builder.mul(rank, rows));
      auto mask = static_cast<int16_t>((1 << ring.getCluster()) - 1);
      blocks =
          arith::ConstantOp::create(builder, builder.getI16IntegerAttr(mask));
    }
    forEachBox(
        builder, op.getTile().getType(), tile, coordinates,
        [&](Value address, ValueRange coordinates) {
          // The instruction wants an address in the cluster's window,
          // where a block's own shared memory has the same addresses.
          Value destination = LLVM::AddrSpaceCastOp::create(
              builder,
              LLVM::LLVMPointerType::get(
                  getContext(),
                  static_cast<unsigned>(NVVM::NVVMMemorySpace::SharedCluster)),
              address);
          NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(
              builder, destination, adaptor.getMap()[0], coordinates, barrier,
              /*im2colOffsets=*/ValueRange(),
              /*multicastMask=*/blocks, policy, NVVM::TMALoadMode::TILE,
              /*isCTAOnly=*/false,
              /*group=*/nullptr, /*predicate=*/Value());
        });
    rewriter.eraseOp(op);
    return success();
  }
};

struct TmaStoreConversion : OpConversionPattern<TmaStoreOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(TmaStoreOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    LoweringBuilder builder(op.getLoc(), rewriter);
    forEachBox(builder, op.getTile().getType(), adaptor.getTile()[0],
               getSingles(adaptor.getCoordinates()),
               [&](Value address, ValueRange coordinates) {
                 NVVM::CpAsyncBulkTensorSharedCTAToGlobalOp::create(
                     builder, adaptor.getMap()[0], address, coordinates,
                     /*l2CacheHint=*/Value(), NVVM::TMAStoreMode::TILE,
                     /*predicate=*/Value());
               });
    rewriter.eraseOp(op);
    return success();
  }
};

struct PrefetchConversion : OpConversionPattern<nvgpu::TmaPrefetchOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(nvgpu::TmaPrefetchOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<NVVM::PrefetchOp>(
        op, /*cacheLevel=*/NVVM::PrefetchCacheLevelAttr(),
        /*evictPriority=*/NVVM::CacheEvictionPriorityAttr(),
        adaptor.getTensorMapDescriptor(), adaptor.getPredicate(),
        /*tensormap=*/rewriter.getUnitAttr());
    return success();
  }
};

} // namespace

void sm90::populateCopiesToNVVMPatterns(const TypeConverter &converter,
                                        RewritePatternSet &patterns) {
  patterns.add<TmaLoadConversion, TmaStoreConversion, PrefetchConversion>(
      converter, patterns.getContext());
}
