//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scores that are linear in q.k, and conditions that hide a score.
//
//===----------------------------------------------------------------------===//

#include "WeightPatterns.h"

#include <cmath>

using namespace mlir;
using namespace mlir::attn::raise;

//===----------------------------------------------------------------------===//
// Linear scores
//===----------------------------------------------------------------------===//

static LinearScore combineSum(ExprPool &pool, Fn fn, LinearScore lhs,
                              LinearScore rhs) {
  auto combine = [&](const Expr *a, const Expr *b) -> const Expr * {
    if (!b)
      return a;
    if (!a)
      return fn == Fn::SubF ? pool.apply(Fn::NegF, {b}) : b;
    return pool.apply(fn, {a, b});
  };
  return {combine(lhs.factor, rhs.factor), combine(lhs.offset, rhs.offset)};
}

std::optional<LinearScore>
attn::raise::matchLinear(ExprPool &pool, const Expr *expr, const Expr *score) {
  if (expr == score)
    return LinearScore{pool.number(1), pool.number(0)};
  if (!contains(expr, score))
    return LinearScore{nullptr, expr};
  if (expr->kind != Expr::Kind::Apply)
    return std::nullopt;
  SmallVector<LinearScore, 2> operands;
  for (const Expr *operand : expr->operands) {
    std::optional<LinearScore> linear = matchLinear(pool, operand, score);
    if (!linear)
      return std::nullopt;
    operands.push_back(*linear);
  }
  switch (expr->fn) {
  case Fn::AddF:
  case Fn::SubF:
    return combineSum(pool, expr->fn, operands[0], operands[1]);
  case Fn::NegF:
    return LinearScore{pool.apply(Fn::NegF, {operands[0].factor}),
                       pool.apply(Fn::NegF, {operands[0].offset})};
  case Fn::MulF:
  case Fn::DivF: {
    if (expr->fn == Fn::MulF && !operands[0].factor)
      std::swap(operands[0], operands[1]);
    if (operands[1].factor)
      return std::nullopt;
    const Expr *other = operands[1].offset;
    return LinearScore{pool.apply(expr->fn, {operands[0].factor, other}),
                       pool.apply(expr->fn, {operands[0].offset, other})};
  }
  default:
    return std::nullopt;
  }
}

/// Whether `expr` is one number for the whole attention.
static bool isUniform(const Expr *expr) { return collectAxes(expr).empty(); }

Uniform attn::raise::splitProduct(ExprPool &pool, const Expr *expr) {
  const Expr *one = pool.number(1);
  if (isUniform(expr))
    return {expr, one};
  if (expr->is(Fn::MulF) || expr->is(Fn::DivF)) {
    Uniform lhs = splitProduct(pool, expr->operand(0));
    Uniform rhs = splitProduct(pool, expr->operand(1));
    return {pool.apply(expr->fn, {lhs.uniform, rhs.uniform}),
            pool.apply(expr->fn, {lhs.varying, rhs.varying})};
  }
  if (expr->is(Fn::NegF)) {
    Uniform inner = splitProduct(pool, expr->operand(0));
    return {pool.apply(Fn::NegF, {inner.uniform}), inner.varying};
  }
  return {one, expr};
}

Uniform attn::raise::splitSum(ExprPool &pool, const Expr *expr) {
  const Expr *zero = pool.number(0);
  if (isUniform(expr))
    return {expr, zero};
  if (expr->is(Fn::AddF) || expr->is(Fn::SubF)) {
    Uniform lhs = splitSum(pool, expr->operand(0));
    Uniform rhs = splitSum(pool, expr->operand(1));
    return {pool.apply(expr->fn, {lhs.uniform, rhs.uniform}),
            pool.apply(expr->fn, {lhs.varying, rhs.varying})};
  }
  if (expr->is(Fn::NegF)) {
    Uniform inner = splitSum(pool, expr->operand(0));
    return {pool.apply(Fn::NegF, {inner.uniform}),
            pool.apply(Fn::NegF, {inner.varying})};
  }
  return {zero, expr};
}

//===----------------------------------------------------------------------===//
// Visibility
//===----------------------------------------------------------------------===//

/// What rounds to 0 in f32.
static constexpr double kVanishing = 7e-46;

/// A number added to a score that hides it. Scores of trained models are far
/// from its size, and masks of -1e4 and below are in use; what is closer to 0
/// stays in the score as it is.
static constexpr double kHidingOffset = -9999;

/// The sum of the constant terms of `expr`.
static double sumConstants(const Expr *expr) {
  if (expr->kind == Expr::Kind::Float)
    return expr->number;
  if (expr->is(Fn::AddF))
    return sumConstants(expr->operand(0)) + sumConstants(expr->operand(1));
  if (expr->is(Fn::SubF))
    return sumConstants(expr->operand(0)) - sumConstants(expr->operand(1));
  return 0;
}

/// Whether `weight` is 0, or the sigmoid of what is surely very negative.
static bool isZeroWeight(ExprPool &pool, const Expr *weight,
                         const Expr *score) {
  // The sigmoid of a number is a number by now.
  if (weight->kind == Expr::Kind::Float)
    return std::fabs(weight->number) <= kVanishing;
  const Expr *argument = matchSigmoid(pool, weight);
  if (!argument)
    return false;
  std::optional<LinearScore> linear = matchLinear(pool, argument, score);
  return linear && sumConstants(linear->offset) <= kHidingOffset;
}

/// The largest booleans of `expr` that vary and do not depend on the score.
static SmallVector<const Expr *> collectConditions(const Expr *expr,
                                                   const Expr *score) {
  SmallVector<const Expr *> conditions;
  walk(expr, [&](const Expr *node) {
    if (!node->isBool() || contains(node, score))
      return true;
    if (!collectAxes(node).empty())
      conditions.push_back(node);
    return false;
  });
  return conditions;
}

SmallVector<Visibility> attn::raise::takeVisibility(ExprPool &pool,
                                                    const Expr *&weight,
                                                    const Expr *score) {
  SmallVector<Visibility> taken;
  for (const Expr *condition : collectConditions(weight, score)) {
    MLIRContext *context = condition->type.getContext();
    for (bool visibleIf : {true, false}) {
      const Expr *hidden =
          pool.substitute(weight, condition, pool.boolean(context, !visibleIf));
      if (!isZeroWeight(pool, hidden, score))
        continue;
      weight =
          pool.substitute(weight, condition, pool.boolean(context, visibleIf));
      taken.push_back({condition, visibleIf});
      break;
    }
  }
  return taken;
}
