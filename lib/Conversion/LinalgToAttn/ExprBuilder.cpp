//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expressions as operations, and the attention op around them.
//
//===----------------------------------------------------------------------===//

#include "AttentionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::attn::raise;

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

/// Whether `expr` holds an element of a tensor.
static bool readsTensor(const Expr *expr) {
  bool reads = false;
  walk(expr, [&](const Expr *node) {
    reads |= node->kind == Expr::Kind::Element;
    return !reads;
  });
  return reads;
}

Value ExprBuilder::build(const Expr *expr) {
  if (Value known = values.lookup(expr))
    return known;
  Value value = uniform && collectAxes(expr).empty() && !expr->isConstant() &&
                        !(placeholder && contains(expr, placeholder))
                    ? uniform->build(expr)
                    : buildUncached(expr);
  values[expr] = value;
  return value;
}

Value ExprBuilder::buildFloat(Value value) {
  Type f32 = builder.getF32Type();
  auto type = dyn_cast<FloatType>(value.getType());
  if (!type || type == f32)
    return value;
  if (type.getWidth() < 32)
    return arith::ExtFOp::create(builder, loc, f32, value);
  return arith::TruncFOp::create(builder, loc, f32, value);
}

Value ExprBuilder::buildIndex(ArrayRef<Axis> axes) {
  Value index;
  for (Axis axis : axes) {
    Value value = axisValue(axis);
    if (!index) {
      index = value;
      continue;
    }
    Value size = getValueOrCreateConstantIndexOp(
        builder, loc, space.buildSize(builder, loc, axis));
    index = arith::MulIOp::create(builder, loc, index, size);
    index = arith::AddIOp::create(builder, loc, index, value);
  }
  return index ? index
               : arith::ConstantIndexOp::create(builder, loc, 0).getResult();
}

Value ExprBuilder::buildElement(Value tensor, ArrayRef<AxisList> indices) {
  SmallVector<Value> position;
  for (const AxisList &list : indices)
    position.push_back(buildIndex(list));
  return buildFloat(tensor::ExtractOp::create(builder, loc, tensor, position));
}

Value ExprBuilder::buildUncached(const Expr *expr) {
  switch (expr->kind) {
  case Expr::Kind::Float:
    return arith::ConstantOp::create(
        builder, loc,
        builder.getF32FloatAttr(static_cast<float>(expr->number)));
  case Expr::Kind::Int:
    return arith::ConstantOp::create(
        builder, loc, builder.getIntegerAttr(expr->type, expr->integer));
  case Expr::Kind::Scalar:
    return buildFloat(expr->value);
  case Expr::Kind::Element:
    return buildElement(expr->value, expr->indices);
  case Expr::Kind::Index:
    return buildIndex(expr->indices[0]);
  case Expr::Kind::Apply:
    break;
  }
  // What was computed once for many scores stays so; what would need a tensor
  // over queries and keys is computed where it is needed.
  if (isHeld && expr->home && readsTensor(expr) && isHeld(expr))
    return buildElement(expr->home, space.resolveAll(expr->homeIndices));
  return buildApply(expr);
}

Value ExprBuilder::buildIntegerCast(Value value, Type type, bool isSigned) {
  if (value.getType() == type)
    return value;
  if (type.isIndex() || value.getType().isIndex()) {
    if (isSigned)
      return arith::IndexCastOp::create(builder, loc, type, value);
    return arith::IndexCastUIOp::create(builder, loc, type, value);
  }
  if (type.getIntOrFloatBitWidth() < value.getType().getIntOrFloatBitWidth())
    return arith::TruncIOp::create(builder, loc, type, value);
  if (isSigned)
    return arith::ExtSIOp::create(builder, loc, type, value);
  return arith::ExtUIOp::create(builder, loc, type, value);
}

/// Functions that are an operation of their operands and nothing else; null for
/// others.
static Value buildSimple(OpBuilder &builder, Location loc, Fn fn,
                         ArrayRef<Value> x) {
  auto binary = [&](auto tag) -> Value {
    return decltype(tag)::create(builder, loc, x[0], x[1]);
  };
  auto unary = [&](auto tag) -> Value {
    return decltype(tag)::create(builder, loc, x[0]);
  };
  switch (fn) {
  case Fn::AddF:
    return binary(arith::AddFOp());
  case Fn::SubF:
    return binary(arith::SubFOp());
  case Fn::MulF:
    return binary(arith::MulFOp());
  case Fn::DivF:
    return binary(arith::DivFOp());
  case Fn::NegF:
    return unary(arith::NegFOp());
  case Fn::AbsF:
    return unary(math::AbsFOp());
  case Fn::Exp:
    return unary(math::ExpOp());
  case Fn::Exp2:
    return unary(math::Exp2Op());
  case Fn::Tanh:
    return unary(math::TanhOp());
  case Fn::AddI:
    return binary(arith::AddIOp());
  case Fn::SubI:
    return binary(arith::SubIOp());
  case Fn::MulI:
    return binary(arith::MulIOp());
  case Fn::AndI:
    return binary(arith::AndIOp());
  case Fn::OrI:
    return binary(arith::OrIOp());
  case Fn::XorI:
    return binary(arith::XOrIOp());
  case Fn::Select:
    return arith::SelectOp::create(builder, loc, x[0], x[1], x[2]);
  default:
    return {};
  }
}

Value ExprBuilder::buildIntToFloat(Value value, bool isSigned) {
  if (value.getType().isIndex())
    value = buildIntegerCast(value, builder.getI64Type(), /*isSigned=*/true);
  Type f32 = builder.getF32Type();
  if (isSigned)
    return arith::SIToFPOp::create(builder, loc, f32, value);
  return arith::UIToFPOp::create(builder, loc, f32, value);
}

Value ExprBuilder::buildApply(const Expr *expr) {
  SmallVector<Value> x;
  for (const Expr *operand : expr->operands)
    x.push_back(build(operand));
  if (Value simple = buildSimple(builder, loc, expr->fn, x))
    return simple;
  switch (expr->fn) {
  case Fn::CastF:
    return x[0];
  case Fn::CastI:
    return buildIntegerCast(x[0], expr->type, expr->detail);
  case Fn::IntToFloat:
    return buildIntToFloat(x[0], expr->detail);
  case Fn::CmpF:
    return arith::CmpFOp::create(
        builder, loc, static_cast<arith::CmpFPredicate>(expr->detail), x[0],
        x[1]);
  case Fn::CmpI:
    return arith::CmpIOp::create(
        builder, loc, static_cast<arith::CmpIPredicate>(expr->detail), x[0],
        x[1]);
  default:
    break;
  }
  IRMapping mapping;
  mapping.map(expr->prototype->getOperands(), x);
  Operation *clone = builder.clone(*expr->prototype, mapping);
  if (expr->isFloat())
    clone->getResult(0).setType(builder.getF32Type());
  return clone->getResult(0);
}
