//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expressions: their making, one node for each, and questions about them.
//
//===----------------------------------------------------------------------===//

#include "ScalarExpr.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn::raise;

void Expr::Profile(llvm::FoldingSetNodeID &id) const {
  id.AddInteger(static_cast<int>(kind));
  id.AddInteger(static_cast<int>(fn));
  id.AddInteger(detail);
  id.AddInteger(llvm::bit_cast<uint64_t>(number));
  id.AddInteger(integer);
  id.AddPointer(type.getAsOpaquePointer());
  id.AddPointer(value.getAsOpaquePointer());
  for (const AxisList &list : indices) {
    id.AddInteger(list.size());
    for (Axis axis : list)
      id.AddInteger(axis);
  }
  for (const Expr *operand : operands)
    id.AddPointer(operand);
  id.AddPointer(prototype);
}

const Expr *ExprPool::unique(Expr &&expr) {
  llvm::FoldingSetNodeID id;
  expr.Profile(id);
  void *position = nullptr;
  if (Expr *existing = nodes.FindNodeOrInsertPos(id, position))
    return existing;
  for (const Expr *operand : expr.operands)
    expr.treeSize = llvm::SaturatingAdd(expr.treeSize, operand->treeSize);
  storage.push_back(std::make_unique<Expr>(std::move(expr)));
  nodes.InsertNode(storage.back().get(), position);
  return storage.back().get();
}

const Expr *ExprPool::number(double value) {
  Expr expr;
  expr.kind = Expr::Kind::Float;
  expr.number = value;
  return unique(std::move(expr));
}

const Expr *ExprPool::integer(int64_t value, Type type) {
  Expr expr;
  expr.kind = Expr::Kind::Int;
  expr.integer = type.isInteger(1) ? (value & 1) : value;
  expr.type = type;
  return unique(std::move(expr));
}

const Expr *ExprPool::boolean(MLIRContext *context, bool value) {
  return integer(value, IntegerType::get(context, 1));
}

/// The type that an expression of element type `type` has: none for floats.
static Type getExprType(Type type) {
  return isa<FloatType>(type) ? Type() : type;
}

const Expr *ExprPool::scalar(Value value) {
  Expr expr;
  expr.kind = Expr::Kind::Scalar;
  expr.value = value;
  expr.type = getExprType(value.getType());
  return unique(std::move(expr));
}

const Expr *ExprPool::placeholder() {
  Expr expr;
  expr.kind = Expr::Kind::Scalar;
  return unique(std::move(expr));
}

const Expr *ExprPool::element(Value tensor, ArrayRef<AxisList> indices) {
  Expr expr;
  expr.kind = Expr::Kind::Element;
  expr.value = tensor;
  expr.indices.assign(indices.begin(), indices.end());
  expr.type = getExprType(cast<ShapedType>(tensor.getType()).getElementType());
  const Expr *made = unique(std::move(expr));
  made->home = tensor;
  made->homeIndices = made->indices;
  return made;
}

const Expr *ExprPool::index(MLIRContext *context, ArrayRef<Axis> axes) {
  if (axes.empty())
    return integer(0, IndexType::get(context));
  Expr expr;
  expr.kind = Expr::Kind::Index;
  expr.indices.push_back(AxisList(axes));
  expr.type = IndexType::get(context);
  return unique(std::move(expr));
}

//===----------------------------------------------------------------------===//
// From operations
//===----------------------------------------------------------------------===//

/// What an operation with a name of its own applies.
static std::optional<Fn> getFn(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<Fn>>(op)
      .Case([](arith::AddFOp) { return Fn::AddF; })
      .Case([](arith::SubFOp) { return Fn::SubF; })
      .Case([](arith::MulFOp) { return Fn::MulF; })
      .Case([](arith::DivFOp) { return Fn::DivF; })
      .Case([](arith::NegFOp) { return Fn::NegF; })
      .Case([](arith::CmpFOp) { return Fn::CmpF; })
      .Case<arith::ExtFOp, arith::TruncFOp>([](auto) { return Fn::CastF; })
      .Case([](math::AbsFOp) { return Fn::AbsF; })
      .Case([](math::ExpOp) { return Fn::Exp; })
      .Case([](math::Exp2Op) { return Fn::Exp2; })
      .Case([](math::TanhOp) { return Fn::Tanh; })
      .Case([](arith::AddIOp) { return Fn::AddI; })
      .Case([](arith::SubIOp) { return Fn::SubI; })
      .Case([](arith::MulIOp) { return Fn::MulI; })
      .Case([](arith::AndIOp) { return Fn::AndI; })
      .Case([](arith::OrIOp) { return Fn::OrI; })
      .Case([](arith::XOrIOp) { return Fn::XorI; })
      .Case([](arith::CmpIOp) { return Fn::CmpI; })
      .Case<arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp, arith::IndexCastOp,
            arith::IndexCastUIOp>([](auto) { return Fn::CastI; })
      .Case<arith::SIToFPOp, arith::UIToFPOp>(
          [](auto) { return Fn::IntToFloat; })
      .Case([](arith::SelectOp) { return Fn::Select; })
      .Default(std::nullopt);
}

/// The part of an operation that its name and operands do not say.
static int64_t getDetail(Operation *op) {
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    return static_cast<int64_t>(compare.getPredicate());
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    return static_cast<int64_t>(compare.getPredicate());
  if (isa<arith::ExtFOp, arith::TruncFOp>(op))
    return op->getResult(0).getType().getIntOrFloatBitWidth();
  return isa<arith::ExtSIOp, arith::IndexCastOp, arith::SIToFPOp>(op);
}

const Expr *ExprPool::apply(Operation *op, ArrayRef<const Expr *> operands,
                            bool dropCasts) {
  if (op->getNumResults() != 1 || op->getNumRegions() != 0 || !isPure(op))
    return nullptr;
  Type type = op->getResult(0).getType();
  Attribute constant;
  if (matchPattern(op, m_Constant(&constant))) {
    if (auto value = dyn_cast<FloatAttr>(constant))
      return number(value.getValueAsDouble());
    if (auto value = dyn_cast<IntegerAttr>(constant))
      if (type.isIndex() || type.getIntOrFloatBitWidth() <= 64)
        return integer(value.getValue().getSExtValue(), type);
    return nullptr;
  }
  if (!type.isIntOrIndexOrFloat() || operands.empty())
    return nullptr;
  if (std::optional<Fn> fn = getFn(op)) {
    if (dropCasts && *fn == Fn::CastF)
      return operands[0];
    return apply(*fn, operands, getExprType(type), getDetail(op));
  }
  if (auto fma = dyn_cast<math::FmaOp>(op))
    return apply(Fn::AddF,
                 {apply(Fn::MulF, operands.take_front(2)), operands[2]});
  // Bits are those of a type, and an expression is computed in another one.
  if (!isa_and_nonnull<arith::ArithDialect, math::MathDialect>(
          op->getDialect()) ||
      isa<arith::BitcastOp, arith::ScalingExtFOp, arith::ScalingTruncFOp>(op))
    return nullptr;
  Expr expr;
  expr.kind = Expr::Kind::Apply;
  expr.operands.assign(operands.begin(), operands.end());
  expr.type = getExprType(type);
  expr.prototype = op;
  return unique(std::move(expr));
}

//===----------------------------------------------------------------------===//
// Questions
//===----------------------------------------------------------------------===//

static void walk(const Expr *expr, llvm::function_ref<bool(const Expr *)> visit,
                 llvm::SmallPtrSetImpl<const Expr *> &seen) {
  if (!seen.insert(expr).second || !visit(expr))
    return;
  for (const Expr *operand : expr->operands)
    walk(operand, visit, seen);
}

void attn::raise::walk(const Expr *expr,
                       llvm::function_ref<bool(const Expr *)> visit) {
  llvm::SmallPtrSet<const Expr *, 32> seen;
  ::walk(expr, visit, seen);
}

bool attn::raise::contains(const Expr *expr, const Expr *leaf) {
  bool found = false;
  walk(expr, [&](const Expr *node) {
    found |= node == leaf;
    return !found;
  });
  return found;
}

AxisList attn::raise::collectAxes(const Expr *expr) {
  AxisList axes;
  walk(expr, [&](const Expr *node) {
    for (const AxisList &list : node->indices)
      for (Axis axis : list)
        if (!llvm::is_contained(axes, axis))
          axes.push_back(axis);
    return true;
  });
  return axes;
}

static const Expr *
substitute(ExprPool &pool, const Expr *expr, const Expr *from, const Expr *to,
           llvm::DenseMap<const Expr *, const Expr *> &done) {
  if (expr == from)
    return to;
  if (expr->operands.empty())
    return expr;
  if (const Expr *known = done.lookup(expr))
    return known;
  auto operands = llvm::map_to_vector(expr->operands, [&](const Expr *operand) {
    return substitute(pool, operand, from, to, done);
  });
  const Expr *result = expr;
  if (ArrayRef(operands) != ArrayRef(expr->operands))
    result = expr->fn == Fn::Other
                 ? pool.apply(expr->prototype, operands, /*dropCasts=*/false)
                 : pool.apply(expr->fn, operands, expr->type, expr->detail);
  done[expr] = result;
  return result;
}

const Expr *ExprPool::substitute(const Expr *expr, const Expr *from,
                                 const Expr *to) {
  llvm::DenseMap<const Expr *, const Expr *> done;
  return ::substitute(*this, expr, from, to, done);
}
