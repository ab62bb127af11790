//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles linalg operations on buffers into parallel loops, and gives each tile
// of a product its own copy of the factor that is read along vector lanes.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"

#include "Product.h"

#include "sigmoid-attn/Dialect/Attn/Transforms/CPUTarget.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace mlir::attn {
#define GEN_PASS_DEF_PARALLELIZELINALGPASS
#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

/// Whether `op` has so few iterations that starting threads costs more.
static bool isSmall(linalg::LinalgOp op) {
  int64_t iterations = 1;
  for (int64_t size : op.getStaticLoopRanges()) {
    if (ShapedType::isDynamic(size))
      return false;
    iterations *= size;
  }
  return iterations < kMinParallelIterations;
}

static bool isInParallelLoop(Operation *op) {
  return op->getParentOfType<scf::ForallOp>() ||
         op->getParentOfType<scf::ParallelOp>();
}

/// Replaces `op` by a loop over tiles; returns the tile. Sizes of 0 leave loops
/// whole. Fails, and changes nothing, if upstream cannot tile the op.
static FailureOr<linalg::LinalgOp>
tile(RewriterBase &rewriter, linalg::LinalgOp op, ArrayRef<int64_t> sizes,
     scf::SCFTilingOptions::LoopType loopType) {
  scf::SCFTilingOptions options;
  options.setLoopType(loopType);
  options.setTileSizes(getAsIndexOpFoldResult(op.getContext(), sizes));
  rewriter.setInsertionPoint(op);
  FailureOr<scf::SCFTilingResult> tiled = scf::tileUsingSCF(
      rewriter, cast<TilingInterface>(op.getOperation()), options);
  if (failed(tiled))
    return failure();
  rewriter.eraseOp(op);
  return cast<linalg::LinalgOp>(tiled->tiledOps.front());
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// The vector operand of `product`, a tile, as depth x lanes or lanes x depth:
/// all other dimensions have one element. Says which loops are left.
static Value dropUnitDims(RewriterBase &rewriter, const Product &product,
                          SmallVectorImpl<unsigned> &loops) {
  Location loc = product.op.getLoc();
  Value source = product.vector->get();
  auto type = cast<MemRefType>(source.getType());
  AffineMap map = product.op.getMatchingIndexingMap(product.vector);
  SmallVector<OpFoldResult> sizes;
  SmallVector<int64_t> shape;
  for (auto [dim, result] : llvm::enumerate(map.getResults())) {
    unsigned loop = cast<AffineDimExpr>(result).getPosition();
    bool isKept = loop == product.lane || loop == product.depth;
    sizes.push_back(isKept ? memref::getMixedSize(rewriter, loc, source, dim)
                           : rewriter.getIndexAttr(1));
    if (!isKept)
      continue;
    loops.push_back(loop);
    shape.push_back(type.getDimSize(dim));
  }
  SmallVector<OpFoldResult> offsets(sizes.size(), rewriter.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), rewriter.getIndexAttr(1));
  auto reduced = memref::SubViewOp::inferRankReducedResultType(
      shape, type, offsets, sizes, strides);
  return memref::SubViewOp::create(rewriter, loc, reduced, source, offsets,
                                   sizes, strides);
}

/// A copy in f32 of `source`, whose dimensions are the loops `loops` of
/// `product`, as depth x lanes, in `buffer`.
static Value pack(RewriterBase &rewriter, const Product &product, Value source,
                  ArrayRef<unsigned> loops, Value buffer) {
  Location loc = product.op.getLoc();
  bool isTransposed = loops[0] == product.lane;
  SmallVector<OpFoldResult> sizes =
      memref::getMixedSizes(rewriter, loc, source);
  if (isTransposed)
    std::swap(sizes[0], sizes[1]);
  SmallVector<OpFoldResult> offsets(2, rewriter.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(2, rewriter.getIndexAttr(1));
  Value packed =
      memref::SubViewOp::create(rewriter, loc, buffer, offsets, sizes, strides);
  AffineMap identity = rewriter.getMultiDimIdentityMap(2);
  AffineMap from = isTransposed
                       ? AffineMap::getPermutationMap(ArrayRef<unsigned>{1, 0},
                                                      rewriter.getContext())
                       : identity;
  SmallVector<utils::IteratorType> iterators(2, utils::IteratorType::parallel);
  linalg::GenericOp::create(
      rewriter, loc, source, packed, ArrayRef<AffineMap>{from, identity},
      iterators, [&](OpBuilder &nested, Location, ValueRange arguments) {
        Value value = arguments[0];
        if (!value.getType().isF32())
          value =
              arith::ExtFOp::create(nested, loc, nested.getF32Type(), value);
        linalg::YieldOp::create(nested, loc, value);
      });
  return packed;
}

/// Replaces the tile `product` by one that reads `packed`.
static void replaceVector(RewriterBase &rewriter, const Product &product,
                          Value packed) {
  linalg::LinalgOp op = product.op;
  AffineMap map = AffineMap::get(op.getNumLoops(), 0,
                                 {rewriter.getAffineDimExpr(product.depth),
                                  rewriter.getAffineDimExpr(product.lane)},
                                 rewriter.getContext());
  Value broadcast = product.broadcast->get();
  Type f32 = rewriter.getF32Type();
  linalg::GenericOp::create(
      rewriter, op.getLoc(), ValueRange{broadcast, packed},
      product.result->get(),
      ArrayRef<AffineMap>{op.getMatchingIndexingMap(product.broadcast), map,
                          op.getMatchingIndexingMap(product.result)},
      op.getIteratorTypesArray(),
      [&](OpBuilder &nested, Location loc, ValueRange arguments) {
        Value first = arguments[0];
        if (!first.getType().isF32())
          first = arith::ExtFOp::create(nested, loc, f32, first);
        Value term = arith::MulFOp::create(nested, loc, first, arguments[1]);
        Value sum = arith::AddFOp::create(nested, loc, arguments[2], term);
        linalg::YieldOp::create(nested, loc, sum);
      });
  rewriter.eraseOp(op);
}

static void tileProduct(RewriterBase &rewriter, const Product &product) {
  using LoopType = scf::SCFTilingOptions::LoopType;
  linalg::LinalgOp op = product.op;
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  SmallVector<int64_t> parallel(iterators.size(), 1), sums(iterators.size(), 1);
  for (auto [loop, type] : llvm::enumerate(iterators))
    (type == utils::IteratorType::parallel ? sums : parallel)[loop] = 0;
  parallel[product.row] = kRowsPerProduct;
  parallel[product.lane] = kLaneTile;
  sums[product.depth] = kDepthTile;
  LoopType outer = isSmall(op) ? LoopType::ForOp : LoopType::ForallOp;
  FailureOr<linalg::LinalgOp> outerTile = tile(rewriter, op, parallel, outer);
  if (failed(outerTile))
    return;
  // One buffer for all tiles along the depth.
  Location loc = outerTile->getLoc();
  rewriter.setInsertionPoint(*outerTile);
  Value buffer = memref::AllocOp::create(
      rewriter, loc,
      MemRefType::get({kDepthTile, kLaneTile}, rewriter.getF32Type()),
      ValueRange(), rewriter.getI64IntegerAttr(kTileAlignment));
  Block *block = outerTile->getOperation()->getBlock();
  FailureOr<linalg::LinalgOp> innerTile =
      tile(rewriter, *outerTile, sums, LoopType::ForOp);
  assert(succeeded(innerTile) && "a tile can be tiled as well");
  std::optional<Product> inner = matchProduct(*innerTile);
  assert(inner && "a tile of a product is a product");
  rewriter.setInsertionPoint(*innerTile);
  SmallVector<unsigned> loops;
  Value source = dropUnitDims(rewriter, *inner, loops);
  replaceVector(rewriter, *inner,
                pack(rewriter, *inner, source, loops, buffer));
  rewriter.setInsertionPoint(block->getTerminator());
  memref::DeallocOp::create(rewriter, loc, buffer);
}

//===----------------------------------------------------------------------===//
// Other operations
//===----------------------------------------------------------------------===//

/// Tiles that are whole along the innermost loop, and a handful of iterations
/// of the loop around it.
static void tileByRows(RewriterBase &rewriter, linalg::LinalgOp op) {
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  SmallVector<int64_t> sizes(iterators.size(), 0);
  std::optional<unsigned> inner;
  for (auto [loop, type] : llvm::enumerate(iterators))
    if (type == utils::IteratorType::parallel && loop + 1 != sizes.size()) {
      sizes[loop] = 1;
      inner = loop;
    }
  if (inner)
    sizes[*inner] = kRowsPerTask;
  else if (iterators.size() == 1 &&
           iterators[0] == utils::IteratorType::parallel)
    sizes[0] = kElementsPerTask;
  else
    return;
  (void)tile(rewriter, op, sizes, scf::SCFTilingOptions::LoopType::ForallOp);
}

namespace {
struct ParallelizeLinalgPass
    : attn::impl::ParallelizeLinalgPassBase<ParallelizeLinalgPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<memref::CopyOp> copies;
    getOperation()->walk([&](memref::CopyOp op) { copies.push_back(op); });
    for (memref::CopyOp copy : copies) {
      rewriter.setInsertionPoint(copy);
      linalg::makeMemRefCopyOp(rewriter, copy.getLoc(), copy.getSource(),
                               copy.getTarget());
      rewriter.eraseOp(copy);
    }
    SmallVector<linalg::LinalgOp> ops;
    getOperation()->walk([&](linalg::LinalgOp op) {
      if (op.hasPureBufferSemantics() && !isInParallelLoop(op))
        ops.push_back(op);
    });
    // What cannot be tiled stays sequential.
    for (linalg::LinalgOp op : ops) {
      if (std::optional<Product> product = matchProduct(op))
        tileProduct(rewriter, *product);
      else if (!isSmall(op))
        tileByRows(rewriter, op);
    }
  }
};
} // namespace
