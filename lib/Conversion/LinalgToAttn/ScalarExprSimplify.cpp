//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Simplification and evaluation of expressions. Simplifying may round
// intermediates differently and takes 0 * x and 0 / x for 0; it changes nothing
// else.
//
//===----------------------------------------------------------------------===//

#include "ScalarExpr.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::attn::raise;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// The order of a comparison as APFloat or APInt would give it.
static bool compareFloats(arith::CmpFPredicate predicate, double lhs,
                          double rhs) {
  return arith::applyCmpPredicate(predicate, APFloat(lhs), APFloat(rhs));
}
static bool compareIntegers(arith::CmpIPredicate predicate, int64_t lhs,
                            int64_t rhs) {
  return arith::applyCmpPredicate(predicate, APInt(64, lhs, true),
                                  APInt(64, rhs, true));
}

/// A number as an integer, the nearest one where it has none.
static int64_t toInteger(double number) {
  constexpr double kLimit = 9.2e18;
  if (std::isnan(number))
    return 0;
  return static_cast<int64_t>(std::clamp(number, -kLimit, kLimit));
}

/// `fn` of numbers; booleans and integers are numbers here. Nothing if `fn` is
/// not computed on constants.
static std::optional<double> compute(Fn fn, int64_t detail, Type type,
                                     ArrayRef<double> x) {
  auto asInt = [&](unsigned i) { return toInteger(x[i]); };
  switch (fn) {
  case Fn::AddF:
  case Fn::AddI:
    return x[0] + x[1];
  case Fn::SubF:
  case Fn::SubI:
    return x[0] - x[1];
  case Fn::MulF:
  case Fn::MulI:
    return x[0] * x[1];
  case Fn::DivF:
    return x[0] / x[1];
  case Fn::NegF:
    return -x[0];
  case Fn::AbsF:
    return std::fabs(x[0]);
  case Fn::Exp:
    return std::exp(x[0]);
  case Fn::Exp2:
    return std::exp2(x[0]);
  case Fn::Tanh:
    return std::tanh(x[0]);
  case Fn::CastF:
    return x[0];
  case Fn::CmpF:
    return compareFloats(static_cast<arith::CmpFPredicate>(detail), x[0], x[1]);
  case Fn::CmpI:
    return compareIntegers(static_cast<arith::CmpIPredicate>(detail), asInt(0),
                           asInt(1));
  case Fn::AndI:
    return asInt(0) & asInt(1);
  case Fn::OrI:
    return asInt(0) | asInt(1);
  case Fn::XorI:
    return asInt(0) ^ asInt(1);
  case Fn::CastI:
    if (type.isInteger(1))
      return asInt(0) & 1;
    return type.isIndex()
               ? asInt(0)
               : llvm::SignExtend64(asInt(0), type.getIntOrFloatBitWidth());
  case Fn::IntToFloat:
    return x[0];
  case Fn::Select:
    return x[0] != 0 ? x[1] : x[2];
  case Fn::Other:
    return std::nullopt;
  }
  return std::nullopt;
}

/// Whether a cast takes true for -1: a boolean that is extended with its sign.
static bool isSignedBoolCast(Fn fn, int64_t detail, const Expr *operand) {
  return (fn == Fn::CastI || fn == Fn::IntToFloat) && detail == 1 &&
         operand->isBool();
}

static double getConstant(const Expr *expr) {
  return expr->kind == Expr::Kind::Float ? expr->number
                                         : static_cast<double>(expr->integer);
}

//===----------------------------------------------------------------------===//
// Simplification
//===----------------------------------------------------------------------===//

/// Whether `expr` is 1 / (1 + e) where `other` is e, or a choice of it.
static bool isReciprocalOfOnePlus(const Expr *expr, const Expr *other) {
  if (!expr->is(Fn::DivF) || !expr->operand(0)->isNumber(1) ||
      !expr->operand(1)->is(Fn::AddF))
    return false;
  const Expr *e = expr->operand(1)->operand(0);
  return other == e ||
         (other->is(Fn::Select) && llvm::is_contained(other->operands, e));
}

/// Products: constants last and merged, exp(x) times the reciprocal of 1 +
/// exp(x) made a quotient.
const Expr *ExprPool::simplifyMul(const Expr *lhs, const Expr *rhs) {
  if (lhs->isConstant())
    return apply(Fn::MulF, {rhs, lhs});
  if (rhs->isNumber(1))
    return lhs;
  if (rhs->isNumber(0))
    return rhs;
  if (rhs->isNumber(-1))
    return apply(Fn::NegF, {lhs});
  if (rhs->isConstant() && lhs->is(Fn::NegF))
    return apply(Fn::MulF, {lhs->operand(0), number(-rhs->number)});
  if (rhs->isConstant() && lhs->is(Fn::MulF) && lhs->operand(1)->isConstant())
    return apply(Fn::MulF, {lhs->operand(0),
                            number(lhs->operand(1)->number * rhs->number)});
  for (auto [reciprocal, other] : {std::pair(lhs, rhs), std::pair(rhs, lhs)})
    if (isReciprocalOfOnePlus(reciprocal, other))
      return apply(Fn::DivF, {other, reciprocal->operand(1)});
  return nullptr;
}

const Expr *ExprPool::simplifyFloat(Fn fn, ArrayRef<const Expr *> x) {
  switch (fn) {
  case Fn::AddF:
    if (x[0]->isConstant() && !x[1]->isConstant())
      return apply(Fn::AddF, {x[1], x[0]});
    if (x[1]->isNumber(0))
      return x[0];
    if (x[1]->is(Fn::NegF))
      return apply(Fn::SubF, {x[0], x[1]->operand(0)});
    return nullptr;
  case Fn::SubF:
    if (x[1]->isConstant())
      return apply(Fn::AddF, {x[0], number(-x[1]->number)});
    if (x[0]->isNumber(0))
      return apply(Fn::NegF, {x[1]});
    if (x[1]->is(Fn::NegF))
      return apply(Fn::AddF, {x[0], x[1]->operand(0)});
    return nullptr;
  case Fn::MulF:
    return simplifyMul(x[0], x[1]);
  case Fn::DivF:
    if (x[0]->isNumber(0))
      return x[0];
    if (x[1]->isConstant() && x[1]->number != 0)
      return apply(Fn::MulF, {x[0], number(1 / x[1]->number)});
    return nullptr;
  case Fn::NegF:
    if (x[0]->is(Fn::NegF))
      return x[0]->operand(0);
    if (x[0]->is(Fn::SubF))
      return apply(Fn::SubF, {x[0]->operand(1), x[0]->operand(0)});
    if (x[0]->is(Fn::MulF) && x[0]->operand(1)->isConstant())
      return apply(Fn::MulF,
                   {x[0]->operand(0), number(-x[0]->operand(1)->number)});
    return nullptr;
  default:
    return nullptr;
  }
}

const Expr *ExprPool::simplifySelect(ArrayRef<const Expr *> x) {
  if (x[0]->isConstant())
    return x[0]->integer ? x[1] : x[2];
  if (x[1] == x[2])
    return x[1];
  // select(not c, a, b) = select(c, b, a)
  if (x[0]->is(Fn::XorI) && x[0]->operand(1)->isConstant())
    return apply(Fn::Select, {x[0]->operand(0), x[2], x[1]}, x[1]->type);
  return nullptr;
}

/// And, or and exclusive or of booleans with a constant.
const Expr *ExprPool::simplifyLogic(Fn fn, ArrayRef<const Expr *> x,
                                    Type type) {
  if (!type.isInteger(1))
    return nullptr;
  if (x[0]->isConstant() && !x[1]->isConstant())
    return apply(fn, {x[1], x[0]}, type);
  if (!x[1]->isConstant())
    return nullptr;
  bool constant = x[1]->integer;
  if (fn == Fn::AndI)
    return constant ? x[0] : x[1];
  if (fn == Fn::OrI)
    return constant ? x[1] : x[0];
  if (!constant)
    return x[0];
  return x[0]->is(Fn::XorI) && x[0]->operand(1) == x[1] ? x[0]->operand(0)
                                                        : nullptr;
}

const Expr *ExprPool::apply(Fn fn, ArrayRef<const Expr *> operands, Type type,
                            int64_t detail) {
  if (llvm::all_of(operands, [](const Expr *e) { return e->isConstant(); })) {
    auto numbers = llvm::map_to_vector(operands, getConstant);
    if (isSignedBoolCast(fn, detail, operands[0]))
      numbers[0] = -numbers[0];
    if (std::optional<double> value = compute(fn, detail, type, numbers))
      return type ? integer(toInteger(*value), type) : number(*value);
  }
  const Expr *simple = nullptr;
  if (fn == Fn::Select)
    simple = simplifySelect(operands);
  else if (fn == Fn::AndI || fn == Fn::OrI || fn == Fn::XorI)
    simple = simplifyLogic(fn, operands, type);
  else if (!type)
    simple = simplifyFloat(fn, operands);
  if (simple)
    return simple;
  Expr expr;
  expr.kind = Expr::Kind::Apply;
  expr.fn = fn;
  expr.detail = detail;
  expr.type = type;
  expr.operands.assign(operands.begin(), operands.end());
  return unique(std::move(expr));
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

/// The value of a mixed-radix index.
static int64_t evaluateIndex(ArrayRef<Axis> axes, const IndexSpace &space,
                             llvm::function_ref<int64_t(Axis)> axisValue) {
  int64_t value = 0;
  for (Axis axis : axes)
    value = value * space.getSize(axis) + axisValue(axis);
  return value;
}

/// An element of a constant tensor as a number.
static std::optional<double>
evaluateElement(const Expr *expr, const IndexSpace &space,
                llvm::function_ref<int64_t(Axis)> axisValue) {
  auto op = expr->value.getDefiningOp<arith::ConstantOp>();
  auto elements = op ? dyn_cast<DenseElementsAttr>(op.getValue()) : nullptr;
  if (!elements)
    return std::nullopt;
  SmallVector<uint64_t> position;
  for (const AxisList &list : expr->indices)
    position.push_back(evaluateIndex(list, space, axisValue));
  if (!ElementsAttr::isValidIndex(elements.getType(), position))
    return std::nullopt;
  if (isa<FloatType>(elements.getElementType())) {
    APFloat value = elements.getValues<APFloat>()[position];
    bool loses = false;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &loses);
    return value.convertToDouble();
  }
  APInt value = elements.getValues<APInt>()[position];
  return value.getBitWidth() == 1 ? value.getZExtValue() : value.getSExtValue();
}

std::optional<double>
attn::raise::evaluate(const Expr *expr, const IndexSpace &space,
                      llvm::function_ref<int64_t(Axis)> axisValue) {
  switch (expr->kind) {
  case Expr::Kind::Float:
  case Expr::Kind::Int:
    return getConstant(expr);
  case Expr::Kind::Scalar:
    return std::nullopt;
  case Expr::Kind::Element:
    return evaluateElement(expr, space, axisValue);
  case Expr::Kind::Index:
    return evaluateIndex(expr->indices[0], space, axisValue);
  case Expr::Kind::Apply:
    break;
  }
  SmallVector<double> operands;
  for (const Expr *operand : expr->operands) {
    std::optional<double> value = evaluate(operand, space, axisValue);
    if (!value)
      return std::nullopt;
    operands.push_back(*value);
  }
  if (isSignedBoolCast(expr->fn, expr->detail, expr->operand(0)))
    operands[0] = -operands[0];
  return compute(expr->fn, expr->detail, expr->type, operands);
}
