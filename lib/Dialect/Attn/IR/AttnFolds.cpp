//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Canonicalization of the attention operations: the same result said with less.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"
#include "sigmoid-attn/Dialect/Attn/IR/AttnFormula.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace mlir::attn;

using AttentionPattern = OpInterfaceRewritePattern<AttentionOpInterface>;

/// Size `dim` of a tensor or memref; nullopt if it is not static.
static std::optional<int64_t> getStaticSize(Value shaped, AttentionDim dim) {
  int64_t size = cast<ShapedType>(shaped.getType()).getDimSize(dim);
  if (ShapedType::isDynamic(size))
    return std::nullopt;
  return size;
}

//===----------------------------------------------------------------------===//
// Score region
//===----------------------------------------------------------------------===//

namespace {
/// Moves what does not change from score to score out of the score region.
struct HoistFromScore : AttentionPattern {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(AttentionOpInterface op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasScore())
      return rewriter.notifyMatchFailure(op, "has no score region");
    Region &region = op.getScore();
    for (Operation &nested : region.front().without_terminator()) {
      bool invariant = nested.getNumRegions() == 0 && isPure(&nested) &&
                       llvm::none_of(nested.getOperands(), [&](Value operand) {
                         return region.isAncestor(operand.getParentRegion());
                       });
      if (!invariant || nested.use_empty())
        continue;
      rewriter.moveOpBefore(&nested, op);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "nothing in the score region is "
                                           "the same for all scores");
  }
};

/// Drops a score region that yields the score that it is given.
struct DropIdentityScore : AttentionPattern {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(AttentionOpInterface op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasScore())
      return rewriter.notifyMatchFailure(op, "has no score region");
    Block &body = op.getScore().front();
    if (cast<YieldOp>(body.getTerminator()).getScore() != body.getArgument(0))
      return rewriter.notifyMatchFailure(op, "changes the score");
    rewriter.modifyOpInPlace(op, [&] { rewriter.eraseBlock(&body); });
    return success();
  }
};

/// Folds a first operation of the score region that is linear in the score into
/// scale and bias: `(scale * q.k + bias) * c` is `(scale * c) * q.k + bias *
/// c`.
struct FoldLinearScore : AttentionPattern {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(AttentionOpInterface op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasScore())
      return rewriter.notifyMatchFailure(op, "has no score region");
    BlockArgument score = op.getScore().front().getArgument(0);
    if (!score.hasOneUse())
      return rewriter.notifyMatchFailure(op, "uses the score more than once");
    OpOperand &use = *score.use_begin();
    Operation *user = use.getOwner();
    if (!isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
             arith::NegFOp>(user) ||
        user->getParentRegion() != &op.getScore())
      return rewriter.notifyMatchFailure(op, "is not linear in the score");
    Value other;
    if (user->getNumOperands() == 2)
      other = user->getOperand(1 - use.getOperandNumber());
    if (other && op.getScore().isAncestor(other.getParentRegion()))
      return rewriter.notifyMatchFailure(op, "combines score and position");
    if (isa<arith::DivFOp>(user) && use.getOperandNumber() == 1)
      return rewriter.notifyMatchFailure(op, "divides by the score");
    foldInto(op, rewriter, user, use.getOperandNumber(), other);
    rewriter.replaceOp(user, score);
    return success();
  }

private:
  /// Applies `user`, whose operand `position` is the score, to scale and bias.
  static void foldInto(AttentionOpInterface op, PatternRewriter &rewriter,
                       Operation *user, unsigned position, Value other) {
    Location loc = user->getLoc();
    auto apply = [&](Value value, bool negated) -> Value {
      if (isa<arith::MulFOp>(user))
        return arith::MulFOp::create(rewriter, loc, value, other);
      if (isa<arith::DivFOp>(user))
        return arith::DivFOp::create(rewriter, loc, value, other);
      return negated ? arith::NegFOp::create(rewriter, loc, value) : value;
    };
    bool negated =
        isa<arith::NegFOp>(user) || (isa<arith::SubFOp>(user) && position == 1);
    Value scale = op.getScale(), bias = op.getBias();
    if (negated || isa<arith::MulFOp, arith::DivFOp>(user)) {
      scale = apply(materializeScale(rewriter, op.getLoc(), op), negated);
      bias = bias ? apply(bias, negated) : bias;
    }
    if (isa<arith::AddFOp>(user) || (isa<arith::SubFOp>(user) && negated))
      bias = bias
                 ? arith::AddFOp::create(rewriter, loc, bias, other).getResult()
                 : other;
    else if (isa<arith::SubFOp>(user))
      bias = arith::SubFOp::create(
          rewriter, loc, materializeBias(rewriter, op.getLoc(), op), other);
    rewriter.modifyOpInPlace(op, [&] {
      op.getScaleMutable().assign(scale ? ValueRange(scale) : ValueRange());
      op.getBiasMutable().assign(bias ? ValueRange(bias) : ValueRange());
    });
  }
};

//===----------------------------------------------------------------------===//
// Clauses that say nothing
//===----------------------------------------------------------------------===//

/// Drops a scale that is the default and a bias that is 0.
struct DropDefaultScalars : AttentionPattern {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(AttentionOpInterface op,
                                PatternRewriter &rewriter) const override {
    FloatAttr scale;
    auto headDim = getStaticSize(op.getQuery(), kDepth);
    bool isDefault =
        op.getScale() && headDim &&
        matchPattern(op.getScale(), m_Constant(&scale)) &&
        scale.getValue().convertToFloat() == getDefaultScale(*headDim);
    bool isZero = op.getBias() && matchPattern(op.getBias(), m_AnyZeroFloat());
    if (!isDefault && !isZero)
      return rewriter.notifyMatchFailure(op, "has no default scale or bias");
    rewriter.modifyOpInPlace(op, [&] {
      if (isDefault)
        op.getScaleMutable().clear();
      if (isZero)
        op.getBiasMutable().clear();
    });
    return success();
  }
};

/// Drops a bound of the mask that excludes no score of the op.
struct DropIdleMask : AttentionPattern {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(AttentionOpInterface op,
                                PatternRewriter &rewriter) const override {
    MaskAttr mask = op.getMaskAttr();
    if (!mask)
      return rewriter.notifyMatchFailure(op, "has no mask");
    auto [left, right] = getDistances(op);
    std::optional<int64_t> leftBound = mask.getLeft();
    std::optional<int64_t> rightBound = mask.getRight();
    if (leftBound && left && *left <= *leftBound)
      leftBound.reset();
    if (rightBound && right && *right <= *rightBound)
      rightBound.reset();
    if ((leftBound || rightBound) && leftBound == mask.getLeft() &&
        rightBound == mask.getRight())
      return rewriter.notifyMatchFailure(op, "masks some scores");
    rewriter.modifyOpInPlace(op, [&] {
      op.setMaskAttr(leftBound || rightBound
                         ? MaskAttr::get(op.getContext(), leftBound, rightBound)
                         : MaskAttr());
    });
    return success();
  }

private:
  /// How far left and right of the diagonal the op's scores reach at most;
  /// nullopt where that is not known.
  static std::pair<std::optional<int64_t>, std::optional<int64_t>>
  getDistances(AttentionOpInterface op) {
    auto queries = getStaticSize(op.getQuery(), kLength);
    auto keys = getStaticSize(op.getKey(), kLength);
    OperandRange origin = op.getOrigin();
    // The last query is aligned with the last key, so each side depends on one
    // of the lengths alone.
    if (origin.empty())
      return {keys ? std::optional(*keys - 1) : std::nullopt,
              queries ? std::optional(*queries - 1) : std::nullopt};
    auto query = getConstantIntValue(origin[2]);
    auto key = getConstantIntValue(origin[3]);
    auto diagonal = getConstantIntValue(origin[4]);
    if (!query || !key || !diagonal)
      return {};
    int64_t first = *key - *query - *diagonal;
    return {queries ? std::optional(*queries - 1 - first) : std::nullopt,
            keys ? std::optional(first + *keys - 1) : std::nullopt};
  }
};

/// Drops an `origin` that is the default or that nothing depends on.
struct DropIdleOrigin : AttentionPattern {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(AttentionOpInterface op,
                                PatternRewriter &rewriter) const override {
    OperandRange origin = op.getOrigin();
    if (origin.empty())
      return rewriter.notifyMatchFailure(op, "has no origin");
    auto isZero = [&](unsigned position) {
      return isZeroInteger(getAsOpFoldResult(origin[position]));
    };
    auto queries = getStaticSize(op.getQuery(), kLength);
    auto keys = getStaticSize(op.getKey(), kLength);
    bool batchAndHead = !op.hasScore() || (isZero(0) && isZero(1));
    bool diagonal =
        !op.getMaskAttr() ||
        (queries && keys &&
         isConstantIntValue(getAsOpFoldResult(origin[4]), *keys - *queries));
    if (op.dependsOnPosition() &&
        !(batchAndHead && isZero(2) && isZero(3) && diagonal))
      return rewriter.notifyMatchFailure(op, "depends on its origin");
    rewriter.modifyOpInPlace(op, [&] { op.getOriginMutable().clear(); });
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Results that nobody uses
//===----------------------------------------------------------------------===//

/// Computes only those gradients that are used.
struct DropUnusedGradients : OpRewritePattern<SigmoidAttentionBackwardOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SigmoidAttentionBackwardOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getWrt() || op.getGradients().empty())
      return rewriter.notifyMatchFailure(op, "has no results to drop");
    ResultRange results = op.getGradients();
    for (auto [used, unused] :
         {std::pair(GradientInputs::Query, GradientInputs::KeyAndValue),
          {GradientInputs::KeyAndValue, GradientInputs::Query}}) {
      if (!llvm::all_of(op.getPartOf(results, unused),
                        [](OpResult result) { return result.use_empty(); }))
        continue;
      SigmoidAttentionBackwardOp part = op.createPart(rewriter, used);
      rewriter.replaceAllUsesWith(op.getPartOf(results, used),
                                  part.getGradients());
      rewriter.eraseOp(op);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "all parts are used");
  }
};

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// Replaces an op on an empty operand by zeros: either there are no results,
/// or all of them are empty sums.
struct FoldEmpty : AttentionPattern {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(AttentionOpInterface op,
                                PatternRewriter &rewriter) const override {
    if (!op.isKnownToBeEmpty())
      return rewriter.notifyMatchFailure(op, "has elements");
    Location loc = op.getLoc();
    SmallVector<Value> results;
    for (auto [position, type] : llvm::enumerate(op.getOutputTypes())) {
      Value zero = arith::ConstantOp::create(
          rewriter, loc, rewriter.getZeroAttr(type.getElementType()));
      if (!op.hasTensorForm()) {
        linalg::FillOp::create(rewriter, loc, zero,
                               op.getOutputBuffers()[position]);
        continue;
      }
      SmallVector<Value> dynamicSizes;
      for (auto [dim, size] :
           llvm::enumerate(getMixedOutputSizes(rewriter, loc, op, position)))
        if (type.isDynamicDim(dim))
          dynamicSizes.push_back(
              getValueOrCreateConstantIndexOp(rewriter, loc, size));
      results.push_back(
          tensor::SplatOp::create(rewriter, loc, zero, type, dynamicSizes));
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// The buffer or tensor that `value` is a cast of, if the op can take it
/// instead and knows more by it; else `value`.
static Value skipCast(Value value) {
  if (auto cast = value.getDefiningOp<tensor::CastOp>())
    return tensor::canFoldIntoConsumerOp(cast) ? cast.getSource() : value;
  auto cast = value.getDefiningOp<memref::CastOp>();
  if (cast && memref::CastOp::canFoldIntoConsumerOp(cast))
    return cast.getSource();
  return value;
}

/// The type of output number `output` with every size static that is static in
/// `inputs`.
static Type getStaticType(AttentionOpInterface op, unsigned output,
                          ValueRange inputs) {
  auto type = cast<RankedTensorType>(op->getResult(output).getType());
  SmallVector<int64_t> shape(type.getShape());
  for (auto [size, source] :
       llvm::zip_equal(shape, op.getOutputShapes()[output].sizes))
    if (ShapedType::isDynamic(size))
      size = cast<ShapedType>(inputs[source.first].getType())
                 .getDimSize(source.second);
  return type.clone(shape);
}

/// Reads and writes through casts that hide static sizes, and gives results the
/// sizes that the inputs have.
struct FoldCasts : AttentionPattern {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(AttentionOpInterface op,
                                PatternRewriter &rewriter) const override {
    auto inputs = llvm::map_to_vector(op.getInputs(), skipCast);
    auto buffers = llvm::map_to_vector(op.getOutputBuffers(), skipCast);
    SmallVector<Type> types;
    for (unsigned output : llvm::seq(op->getNumResults()))
      types.push_back(getStaticType(op, output, inputs));
    if (llvm::equal(inputs, op.getInputs()) &&
        llvm::equal(buffers, op.getOutputBuffers()) &&
        llvm::equal(types, op->getResultTypes()))
      return rewriter.notifyMatchFailure(op, "no more sizes to know");
    AttentionOpInterface folded =
        op.createLike(rewriter, types, inputs, buffers, op.getOrigin());
    if (op.hasScore())
      rewriter.cloneRegionBefore(op.getScore(), folded.getScore(),
                                 folded.getScore().begin());
    if (!isValid(folded)) {
      rewriter.eraseOp(folded);
      return rewriter.notifyMatchFailure(op, "the sizes contradict each other");
    }
    SmallVector<Value> results;
    for (auto [result, type] :
         llvm::zip_equal(folded->getResults(), op->getResultTypes()))
      results.push_back(
          result.getType() == type
              ? Value(result)
              : tensor::CastOp::create(rewriter, op.getLoc(), type, result));
    rewriter.replaceOp(op, results);
    return success();
  }

private:
  /// Whether `op` verifies. Code that is never executed may cast to sizes that
  /// do not fit; that is no reason to refuse it.
  static bool isValid(Operation *op) {
    ScopedDiagnosticHandler silence(op->getContext(),
                                    [](Diagnostic &) { return success(); });
    return succeeded(verify(op));
  }
};
} // namespace

void AttnDialect::getCanonicalizationPatterns(
    RewritePatternSet &patterns) const {
  patterns.add<HoistFromScore, DropIdentityScore, FoldLinearScore,
               DropDefaultScalars, DropIdleMask, DropIdleOrigin,
               DropUnusedGradients, FoldEmpty, FoldCasts>(getContext());
}
