//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linear indices and comparisons of them.
//
//===----------------------------------------------------------------------===//

#include "LinearIndex.h"

#include <cmath>

using namespace mlir;
using namespace mlir::attn::raise;

void LinearIndex::add(const LinearIndex &other, int64_t factor) {
  constant += factor * other.constant;
  for (auto [axis, coefficient] : other.axes)
    axes[axis] += factor * coefficient;
  for (auto [value, coefficient] : other.values)
    values[value] += factor * coefficient;
}

bool LinearIndex::isConstant() const {
  auto isZero = [](const auto &entry) { return entry.second == 0; };
  return llvm::all_of(axes, isZero) && llvm::all_of(values, isZero);
}

/// Indices, strides and their factors are below this, or no sum of their
/// products would fit 64 bits.
static constexpr int64_t kMaxNumber = int64_t(1) << 31;

static bool isSmall(int64_t number) {
  return -kMaxNumber <= number && number <= kMaxNumber;
}

static bool isSmall(const LinearIndex &linear) {
  auto hasSmallFactor = [](const auto &entry) { return isSmall(entry.second); };
  return isSmall(linear.constant) &&
         llvm::all_of(linear.axes, hasSmallFactor) &&
         llvm::all_of(linear.values, hasSmallFactor);
}

bool attn::raise::addIndex(LinearIndex &linear, ArrayRef<Axis> axes,
                           const IndexSpace &space, int64_t factor) {
  for (auto [position, axis] : llvm::enumerate(axes)) {
    int64_t stride = space.getSize(axes.drop_front(position + 1));
    if (ShapedType::isDynamic(stride) || !isSmall(stride))
      return false;
    linear.axes[axis] += factor * stride;
  }
  return true;
}

/// A leaf as a linear index.
static std::optional<LinearIndex> getLeaf(const Expr *expr,
                                          const IndexSpace &space) {
  LinearIndex linear;
  switch (expr->kind) {
  case Expr::Kind::Int:
    if (!isSmall(expr->integer))
      return std::nullopt;
    linear.constant = expr->integer;
    return linear;
  case Expr::Kind::Float:
    if (std::fabs(expr->number) > kMaxNumber ||
        expr->number != std::floor(expr->number))
      return std::nullopt;
    linear.constant = static_cast<int64_t>(expr->number);
    return linear;
  case Expr::Kind::Scalar:
    if (!expr->value || !expr->value.getType().isIndex())
      return std::nullopt;
    linear.values[expr->value] = 1;
    return linear;
  case Expr::Kind::Index:
    if (!addIndex(linear, expr->indices[0], space, 1))
      return std::nullopt;
    return linear;
  default:
    return std::nullopt;
  }
}

static bool isNarrow(Type type) {
  return type && !type.isIndex() && type.getIntOrFloatBitWidth() < 32;
}

/// `expr` as a linear index.
static std::optional<LinearIndex> getLinear(const Expr *expr,
                                            const IndexSpace &space) {
  if (expr->kind != Expr::Kind::Apply)
    return getLeaf(expr, space);
  SmallVector<LinearIndex> operands;
  for (const Expr *operand : expr->operands) {
    std::optional<LinearIndex> part = getLinear(operand, space);
    if (!part)
      return std::nullopt;
    operands.push_back(*part);
  }
  LinearIndex linear;
  switch (expr->fn) {
  case Fn::AddI:
  case Fn::AddF:
    linear.add(operands[0], 1);
    linear.add(operands[1], 1);
    return linear;
  case Fn::SubI:
  case Fn::SubF:
    linear.add(operands[0], 1);
    linear.add(operands[1], -1);
    return linear;
  case Fn::NegF:
    linear.add(operands[0], -1);
    return linear;
  case Fn::MulI:
  case Fn::MulF:
    if (operands[0].isConstant())
      std::swap(operands[0], operands[1]);
    if (!operands[1].isConstant() || !isSmall(operands[1]) ||
        !isSmall(operands[0]))
      return std::nullopt;
    linear.add(operands[0], operands[1].constant);
    return linear;
  case Fn::CastI:
  case Fn::IntToFloat:
    // Indices do not wrap in 32 bits; they may in fewer.
    if (expr->operand(0)->isBool() || isNarrow(expr->type))
      return std::nullopt;
    return operands[0];
  default:
    return std::nullopt;
  }
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

namespace {
enum Relation { kGe, kGt, kLe, kLt, kEq, kNe };
} // namespace

static std::optional<Relation> getRelation(const Expr *expr) {
  using I = arith::CmpIPredicate;
  using F = arith::CmpFPredicate;
  if (expr->is(Fn::CmpI))
    switch (static_cast<I>(expr->detail)) {
    case I::sge:
    case I::uge:
      return kGe;
    case I::sgt:
    case I::ugt:
      return kGt;
    case I::sle:
    case I::ule:
      return kLe;
    case I::slt:
    case I::ult:
      return kLt;
    case I::eq:
      return kEq;
    case I::ne:
      return kNe;
    }
  if (expr->is(Fn::CmpF))
    switch (static_cast<F>(expr->detail)) {
    case F::OGE:
    case F::UGE:
      return kGe;
    case F::OGT:
    case F::UGT:
      return kGt;
    case F::OLE:
    case F::ULE:
      return kLe;
    case F::OLT:
    case F::ULT:
      return kLt;
    case F::OEQ:
    case F::UEQ:
      return kEq;
    case F::ONE:
    case F::UNE:
      return kNe;
    default:
      return std::nullopt;
    }
  return std::nullopt;
}

/// Whether a comparison takes its operands for unsigned.
static bool isUnsigned(const Expr *comparison) {
  using I = arith::CmpIPredicate;
  return comparison->is(Fn::CmpI) &&
         llvm::is_contained({I::uge, I::ugt, I::ule, I::ult},
                            static_cast<I>(comparison->detail));
}

/// Whether an index is never negative, by its terms.
static bool isSumOfNonNegative(const LinearIndex &linear) {
  auto isNonNegative = [](const auto &entry) { return entry.second >= 0; };
  return linear.constant >= 0 && llvm::all_of(linear.axes, isNonNegative) &&
         llvm::all_of(linear.values, isNonNegative);
}

static Relation getOpposite(Relation relation) {
  static constexpr Relation kOpposite[] = {kLt, kLe, kGt, kGe, kNe, kEq};
  return kOpposite[relation];
}

std::optional<IndexTest> attn::raise::matchIndexTest(const Expr *comparison,
                                                     bool holds,
                                                     const IndexSpace &space) {
  std::optional<Relation> relation = getRelation(comparison);
  if (relation && !holds)
    relation = getOpposite(*relation);
  if (!relation || *relation == kNe)
    return std::nullopt;
  auto lhs = getLinear(comparison->operand(0), space);
  auto rhs = getLinear(comparison->operand(1), space);
  if (!lhs || !rhs)
    return std::nullopt;
  if (isUnsigned(comparison) &&
      (!isSumOfNonNegative(*lhs) || !isSumOfNonNegative(*rhs)))
    return std::nullopt;
  bool less = *relation == kLe || *relation == kLt;
  IndexTest test;
  test.equal = *relation == kEq;
  test.difference.add(*lhs, less ? -1 : 1);
  test.difference.add(*rhs, less ? 1 : -1);
  // Of integers, greater than 0 is at least 1.
  if (*relation == kGt || *relation == kLt)
    test.difference.constant -= 1;
  return test;
}
