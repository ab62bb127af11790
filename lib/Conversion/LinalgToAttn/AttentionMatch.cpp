//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matching attention: the scores, and the formula that makes weights of them.
//
//===----------------------------------------------------------------------===//

#include "AttentionMatch.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <limits>

using namespace mlir;
using namespace mlir::attn::raise;

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// Whether a sigmoid of something that depends on `leaf` is part of `weight`.
static bool isUnderSigmoid(ExprPool &pool, const Expr *weight,
                           const Expr *leaf) {
  bool found = false;
  walk(weight, [&](const Expr *node) {
    const Expr *argument = found ? nullptr : matchSigmoid(pool, node);
    found |= argument && contains(argument, leaf);
    return !found;
  });
  return found;
}

SmallVector<const Expr *> AttentionMatcher::collectScores(const Expr *weight) {
  SmallVector<const Expr *> scores;
  walk(weight, [&](const Expr *node) {
    Operation *op = node->kind == Expr::Kind::Element
                        ? node->value.getDefiningOp()
                        : nullptr;
    if (op && op->getBlock() == getBlock() && ContractionView::get(op) &&
        isUnderSigmoid(pool, weight, node))
      scores.push_back(node);
    return true;
  });
  return scores;
}

ContractionView &AttentionMatcher::getScores(const Expr *score) {
  Operation *op = score->value.getDefiningOp();
  ContractionView &scores =
      scoresByOp.try_emplace(op, *ContractionView::get(op)).first->second;
  scores.setLoops(space, score->indices);
  return scores;
}

/// Whether `expr` holds constants only.
static bool isConstant(const Expr *expr) {
  bool constant = true;
  walk(expr, [&](const Expr *node) {
    constant &= node->kind != Expr::Kind::Scalar;
    if (node->kind == Expr::Kind::Element)
      constant &=
          isa_and_nonnull<arith::ConstantOp>(node->value.getDefiningOp());
    return constant;
  });
  return constant;
}

bool AttentionMatcher::isFeedForward(const Expr *score, unsigned side) {
  TensorReader reader(pool, space, getBlock(), /*dropCasts=*/true);
  auto isWeight = [&](const ContractionView &view, unsigned input) {
    return isConstant(
        reader.read(view.getInput(input), view.getInputIndices(space, input)));
  };
  ContractionView &scores = getScores(score);
  return isWeight(output, 1 - side) &&
         (isWeight(scores, 0) || isWeight(scores, 1));
}

bool AttentionMatcher::hasOtherUse(Value scores) {
  SmallVector<Operation *> worklist(scores.getUsers());
  llvm::SmallPtrSet<Operation *, 16> seen;
  while (!worklist.empty()) {
    Operation *user = worklist.pop_back_val();
    if (user == output.getOp() || isa<tensor::DimOp>(user) ||
        !seen.insert(user).second || isOpTriviallyDead(user))
      continue;
    if (!visited.contains(user))
      return true;
    llvm::append_range(worklist, user->getUsers());
  }
  return false;
}

//===----------------------------------------------------------------------===//
// The formula
//===----------------------------------------------------------------------===//

/// The largest part of `argument` that is a uniform factor times the score
/// plus a uniform offset, and that holds every use of the score.
static const Expr *findUniformPart(ExprPool &pool, const Expr *argument,
                                   const Expr *score) {
  const Expr *found = nullptr;
  walk(argument, [&](const Expr *node) {
    if (found || !node->isFloat() || !contains(node, score))
      return false;
    std::optional<LinearScore> linear = matchLinear(pool, node, score);
    if (!linear || !collectAxes(linear->factor).empty() ||
        !collectAxes(linear->offset).empty())
      return true;
    if (!contains(pool.substitute(argument, node, pool.placeholder()), score))
      found = node;
    return !found;
  });
  return found;
}

bool AttentionMatcher::matchArgument(AttentionMatch &match,
                                     const Expr *argument, const Expr *score) {
  const Expr *placeholder = pool.placeholder();
  std::optional<LinearScore> linear = matchLinear(pool, argument, score);
  if (linear && !linear->factor)
    return false;
  if (!linear) {
    const Expr *part = findUniformPart(pool, argument, score);
    linear = matchLinear(pool, part, score);
    match.scale = linear->factor;
    match.bias = linear->offset;
    match.score = pool.substitute(argument, part, placeholder);
    return true;
  }
  Uniform factor = splitProduct(pool, linear->factor);
  match.scale = factor.uniform;
  match.bias = pool.number(0);
  if (factor.varying->isNumber(1)) {
    Uniform offset = splitSum(pool, linear->offset);
    match.bias = offset.uniform;
    match.score = pool.apply(Fn::AddF, {placeholder, offset.varying});
    return true;
  }
  match.score =
      pool.apply(Fn::AddF, {pool.apply(Fn::MulF, {placeholder, factor.varying}),
                            linear->offset});
  return true;
}

void AttentionMatcher::matchVisibility(AttentionMatch &match,
                                       ArrayRef<Visibility> visibility) {
  ScorePlane plane{match.row, match.column};
  const Expr *hidden = pool.number(-std::numeric_limits<double>::infinity());
  for (const Visibility &condition : visibility) {
    if (std::optional<Band> band = matchBand(condition, space, plane)) {
      match.band = intersect(match.band, *band);
      continue;
    }
    const Expr *seen = match.score;
    match.score = pool.apply(Fn::Select, {condition.condition,
                                          condition.visibleIf ? seen : hidden,
                                          condition.visibleIf ? hidden : seen});
  }
}

/// Why `weight`, which holds a sigmoid of the scores, is none.
static Reason explainWeight(const Expr *weight, const Expr *score) {
  if (weight->is(Fn::MulF) || weight->is(Fn::DivF)) {
    bool both = contains(weight->operand(0), score) &&
                contains(weight->operand(1), score);
    return both ? "the scores are used outside of the sigmoid as well"
                : "the weights are scaled after the sigmoid";
  }
  return "the weights are not one sigmoid of the scores";
}

std::optional<AttentionMatch> AttentionMatcher::matchScores(const Expr *weight,
                                                            const Expr *score,
                                                            unsigned side,
                                                            Reason &reason) {
  AttentionMatch match;
  ContractionView &scores = getScores(score);
  const Expr *scaled = score;
  if (!matchInputs(match, scores, side, scaled, reason))
    return std::nullopt;
  if (hasOtherUse(score->value)) {
    reason = "the scores or the weights have another use";
    return std::nullopt;
  }
  if (!readInit(output)->isNumber(0)) {
    reason = "the last contraction adds to something other than 0";
    return std::nullopt;
  }
  const Expr *whole = pool.apply(Fn::AddF, {scaled, readInit(scores)});
  weight = pool.substitute(weight, score, whole);
  SmallVector<Visibility> visibility = takeVisibility(pool, weight, score);
  const Expr *argument = matchSigmoid(pool, weight);
  if (!argument) {
    reason = explainWeight(weight, score);
    return std::nullopt;
  }
  if (!assignRoles(match, side, visibility, reason))
    return std::nullopt;
  if (!matchArgument(match, argument, score)) {
    reason = "the sigmoid does not depend on the scores";
    return std::nullopt;
  }
  matchVisibility(match, visibility);
  return match;
}

/// Whether an index appears twice: a diagonal is read.
static bool hasDuplicates(ArrayRef<AxisList> indices) {
  llvm::SmallDenseSet<Axis> seen;
  for (const AxisList &list : indices)
    for (Axis axis : list)
      if (!seen.insert(axis).second)
        return true;
  return false;
}

std::optional<AttentionMatch> AttentionMatcher::matchOnce(unsigned side,
                                                          Reason &reason) {
  TensorReader reader(pool, space, getBlock(), /*dropCasts=*/true);
  const Expr *weight =
      reader.read(output.getInput(side), output.getInputIndices(space, side));
  visited.clear();
  visited.insert(reader.getVisited().begin(), reader.getVisited().end());
  for (const Expr *score : collectScores(weight)) {
    if (hasDuplicates(score->indices) || isFeedForward(score, side))
      continue;
    Reason problem;
    if (auto match = matchScores(weight, score, side, problem))
      return match;
    if (reason.empty())
      reason = problem;
  }
  return std::nullopt;
}

std::optional<AttentionMatch> AttentionMatcher::match(unsigned side,
                                                      Reason &reason) {
  output.addLoops(space, /*unsized=*/side);
  // An axis that is split late was read whole before: read again.
  while (true) {
    unsigned numSplits = space.getNumSplits();
    reason.clear();
    std::optional<AttentionMatch> match = matchOnce(side, reason);
    if (space.getNumSplits() == numSplits)
      return match;
  }
}
