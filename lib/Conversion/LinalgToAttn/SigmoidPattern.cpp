//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The spellings of a sigmoid.
//
//===----------------------------------------------------------------------===//

#include "WeightPatterns.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::attn::raise;

/// How far constants that were rounded to f32, or to bf16 for the halves, may
/// be from what they stand for.
static constexpr double kConstantTolerance = 1e-6;

static bool isClose(double found, double expected) {
  return std::fabs(found - expected) <=
         kConstantTolerance * std::fmax(1, std::fabs(expected));
}

/// If `expr` is exp(x), in base e or 2, returns x.
static const Expr *matchExp(ExprPool &pool, const Expr *expr) {
  if (expr->is(Fn::Exp))
    return expr->operand(0);
  if (expr->is(Fn::Exp2))
    return pool.apply(Fn::MulF,
                      {expr->operand(0), pool.number(llvm::numbers::ln2)});
  return nullptr;
}

/// If `expr` is 1 + e, returns e.
static const Expr *matchOnePlus(const Expr *expr) {
  // Sums have their constant last.
  return expr->is(Fn::AddF) && expr->operand(1)->isNumber(1) ? expr->operand(0)
                                                             : nullptr;
}

/// The argument whose sign `condition` tells: x where it compares x with 0.
/// `positive` says whether the condition holds for positive x.
static const Expr *matchSignTest(const Expr *condition, bool &positive) {
  if (!condition->is(Fn::CmpF))
    return nullptr;
  using Predicate = arith::CmpFPredicate;
  auto predicate = static_cast<Predicate>(condition->detail);
  bool greater = predicate == Predicate::OGE || predicate == Predicate::OGT ||
                 predicate == Predicate::UGE || predicate == Predicate::UGT;
  bool less = predicate == Predicate::OLE || predicate == Predicate::OLT ||
              predicate == Predicate::ULE || predicate == Predicate::ULT;
  if (!greater && !less)
    return nullptr;
  const Expr *lhs = condition->operand(0), *rhs = condition->operand(1);
  if (rhs->isNumber(0)) {
    positive = greater;
    return lhs;
  }
  positive = less;
  return lhs->isNumber(0) ? rhs : nullptr;
}

/// |x| or -|x| where x has the sign that the condition tells: x or -x. The sign
/// is 1 where x is positive, else -1.
static const Expr *replaceAbs(ExprPool &pool, const Expr *expr, const Expr *x,
                              bool positive) {
  const Expr *abs = pool.apply(Fn::AbsF, {x});
  return pool.substitute(expr, abs, positive ? x : pool.apply(Fn::NegF, {x}));
}

/// select(x >= 0, a, b): both must be sigmoids of the same argument where they
/// are chosen.
static const Expr *matchChoice(ExprPool &pool, const Expr *expr) {
  bool positive = false;
  const Expr *x = matchSignTest(expr->operand(0), positive);
  const Expr *chosen[2] = {expr->operand(1), expr->operand(2)};
  const Expr *arguments[2];
  for (unsigned side : {0, 1}) {
    const Expr *branch =
        x ? replaceAbs(pool, chosen[side], x, positive == (side == 0))
          : chosen[side];
    arguments[side] = matchSigmoid(pool, branch);
    if (!arguments[side])
      return nullptr;
  }
  return arguments[0] == arguments[1] ? arguments[0] : nullptr;
}

/// numerator / (1 + e).
static const Expr *matchQuotient(ExprPool &pool, const Expr *expr) {
  const Expr *numerator = expr->operand(0), *e = matchOnePlus(expr->operand(1));
  const Expr *exponent = e ? matchExp(pool, e) : nullptr;
  if (!exponent)
    return nullptr;
  if (numerator->isNumber(1))
    return pool.apply(Fn::NegF, {exponent});
  if (numerator == e)
    return exponent;
  // select(x >= 0, 1, e) / (1 + e) with e = exp(-|x|)
  if (!numerator->is(Fn::Select))
    return nullptr;
  const Expr *condition = numerator->operand(0);
  auto branch = [&](unsigned side) {
    return pool.apply(Fn::DivF, {numerator->operand(side), expr->operand(1)});
  };
  return matchChoice(pool,
                     pool.apply(Fn::Select, {condition, branch(1), branch(2)}));
}

/// If `expr` is a * tanh(x) + b with constants a and b, returns x.
static const Expr *matchLinearTanh(const Expr *expr, double &a, double &b) {
  a = 1, b = 0;
  while (true) {
    if (expr->is(Fn::Tanh))
      return expr->operand(0);
    if (expr->is(Fn::NegF)) {
      a = -a;
      expr = expr->operand(0);
    } else if (expr->is(Fn::AddF) && expr->operand(1)->isConstant()) {
      b += a * expr->operand(1)->number;
      expr = expr->operand(0);
    } else if (expr->is(Fn::SubF) && expr->operand(0)->isConstant()) {
      b += a * expr->operand(0)->number;
      a = -a;
      expr = expr->operand(1);
    } else if (expr->is(Fn::MulF) && expr->operand(1)->isConstant()) {
      a *= expr->operand(1)->number;
      expr = expr->operand(0);
    } else {
      return nullptr;
    }
  }
}

const Expr *attn::raise::matchSigmoid(ExprPool &pool, const Expr *expr) {
  if (expr->is(Fn::DivF))
    return matchQuotient(pool, expr);
  if (expr->is(Fn::Select))
    return matchChoice(pool, expr);
  // 1 - sigmoid(x) = sigmoid(-x)
  if (expr->is(Fn::SubF) && expr->operand(0)->isNumber(1))
    if (const Expr *x = matchSigmoid(pool, expr->operand(1)))
      return pool.apply(Fn::NegF, {x});
  double a, b;
  const Expr *x = matchLinearTanh(expr, a, b);
  if (!x || !isClose(std::fabs(a), 0.5) || !isClose(b, 0.5))
    return nullptr;
  return pool.apply(Fn::MulF, {x, pool.number(a > 0 ? 2 : -2)});
}
