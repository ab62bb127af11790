//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles attention over batch, heads and queries (or keys, where their gradients
// are computed) into parallel loops, through its TilingInterface.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"

#include "TileProgram.h"

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/TilingInterface.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILEATTENTIONPASS
#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
struct TileAttentionPass
    : attn::impl::TileAttentionPassBase<TileAttentionPass> {
  using TileAttentionPassBase::TileAttentionPassBase;

  LogicalResult initialize(MLIRContext *context) override {
    for (auto [name, size] : {std::pair("batch-tile", batchTile.getValue()),
                              {"head-tile", headTile.getValue()},
                              {"query-tile", queryTile.getValue()},
                              {"key-tile", keyTile.getValue()}})
      if (size < 0)
        return emitError(UnknownLoc::get(context))
               << "expected " << name << " to be at least 0, got " << size;
    return success();
  }

  void runOnOperation() override {
    SmallVector<AttentionOpInterface> ops;
    getOperation()->walk([&](AttentionOpInterface op) {
      // An op inside a parallel loop is a tile already.
      if (!op->getParentOfType<scf::ForallOp>() &&
          !op->getParentOfType<scf::ParallelOp>())
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (AttentionOpInterface op : ops)
      for (AttentionOpInterface part : splitGradients(rewriter, op))
        if (failed(tile(rewriter, part)))
          return signalPassFailure();
  }

  /// Replaces a gradient by its two parts, each of which has a length that no
  /// output is a sum over. Returns what is to be tiled.
  static SmallVector<AttentionOpInterface>
  splitGradients(RewriterBase &rewriter, AttentionOpInterface op) {
    auto backward = dyn_cast<SigmoidAttentionBackwardOp>(op.getOperation());
    if (!backward || backward.getWrt())
      return {op};
    rewriter.setInsertionPoint(op);
    auto byQuery = backward.createPart(rewriter, GradientInputs::Query);
    auto byKey = backward.createPart(rewriter, GradientInputs::KeyAndValue);
    SmallVector<Value> gradients(byQuery.getGradients());
    llvm::append_range(gradients, byKey.getGradients());
    rewriter.replaceOp(op, gradients);
    return {byQuery, byKey};
  }

  LogicalResult tile(RewriterBase &rewriter, AttentionOpInterface op) {
    auto backward = dyn_cast<SigmoidAttentionBackwardOp>(op.getOperation());
    bool byKey = backward && backward.hasKeyAndValueGradients();
    int64_t lengthTile = byKey ? keyTile : queryTile;
    SmallVector<int64_t> sizes = {batchTile, headTile, 0, 0};
    sizes[byKey ? kKeyLoop : kQueryLoop] = lengthTile;
    scf::SCFTilingOptions options;
    options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
    options.setTileSizes(getAsIndexOpFoldResult(&getContext(), sizes));
    rewriter.setInsertionPoint(op);
    FailureOr<scf::SCFTilingResult> tiled = scf::tileUsingSCF(
        rewriter, cast<TilingInterface>(op.getOperation()), options);
    if (failed(tiled))
      return failure();
    if (op.getMaskAttr() && lengthTile != 0)
      balance(cast<scf::ForallOp>(tiled->loops.front()), lengthTile);
    rewriter.replaceOp(op, tiled->replacements);
    return success();
  }

  /// Spreads the tiles of a band evenly over the iterations of `loop`, whose
  /// last variable goes over a length in steps of `step`.
  static void balance(scf::ForallOp loop, int64_t step) {
    Value position = loop.getInductionVars().back();
    OpBuilder builder = OpBuilder::atBlockBegin(loop.getBody());
    Value size = getValueOrCreateConstantIndexOp(
        builder, loop.getLoc(), loop.getMixedUpperBound().back());
    Value tile = balanceTiles(builder, loop.getLoc(), position, size, step);
    position.replaceUsesWithIf(tile, [&](OpOperand &use) {
      return !tile.getDefiningOp()
                  ->getBlock()
                  ->findAncestorOpInBlock(*use.getOwner())
                  ->isBeforeInBlock(tile.getDefiningOp());
    });
  }
};
} // namespace
