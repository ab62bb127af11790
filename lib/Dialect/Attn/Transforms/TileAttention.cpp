//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles attention over batch, heads and queries into parallel loops, through
// its TilingInterface.
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
                              {"query-tile", queryTile.getValue()}})
      if (size < 0)
        return emitError(UnknownLoc::get(context))
               << "expected " << name << " to be at least 0, got " << size;
    return success();
  }

  void runOnOperation() override {
    SmallVector<SigmoidAttentionOp> ops;
    getOperation()->walk([&](SigmoidAttentionOp op) {
      // An op inside a parallel loop is a tile already.
      if (!op->getParentOfType<scf::ForallOp>() &&
          !op->getParentOfType<scf::ParallelOp>())
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    scf::SCFTilingOptions options;
    options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
    options.setTileSizes(getAsIndexOpFoldResult(
        &getContext(), {batchTile, headTile, queryTile, /*key=*/0}));
    for (SigmoidAttentionOp op : ops) {
      rewriter.setInsertionPoint(op);
      FailureOr<scf::SCFTilingResult> tiled = scf::tileUsingSCF(
          rewriter, cast<TilingInterface>(op.getOperation()), options);
      if (failed(tiled))
        return signalPassFailure();
      if (op.getMaskAttr() && queryTile != 0)
        balance(cast<scf::ForallOp>(tiled->loops.front()));
      rewriter.replaceOp(op, tiled->replacements);
    }
  }

  /// Spreads the tiles of a band evenly over the iterations of `loop`.
  void balance(scf::ForallOp loop) {
    Value position = loop.getInductionVars().back();
    OpBuilder builder = OpBuilder::atBlockBegin(loop.getBody());
    Value size = getValueOrCreateConstantIndexOp(
        builder, loop.getLoc(), loop.getMixedUpperBound().back());
    Value tile =
        balanceTiles(builder, loop.getLoc(), position, size, queryTile);
    position.replaceUsesWithIf(tile, [&](OpOperand &use) {
      return !tile.getDefiningOp()->getBlock()->findAncestorOpInBlock(
                 *use.getOwner())
                  ->isBeforeInBlock(tile.getDefiningOp());
    });
  }
};
} // namespace
