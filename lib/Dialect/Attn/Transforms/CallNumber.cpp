//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Expressions of recipes, put together so that people can read them.
//
//===----------------------------------------------------------------------===//

#include "CallNumber.h"

#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;

/// Conditions are computed in f64, which has the integers up to this one.
static constexpr int64_t kLargest = int64_t(1) << 53;
/// What is longer, or has more parentheses in each other, is no index that
/// anybody writes. Each level takes up to two places of an expression's stack.
static constexpr size_t kLongestText = 1000;
static constexpr int kDeepestText = 12;

std::string CallNumber::str() const {
  if (isConstant())
    return std::to_string(constant);
  if (constant == 0)
    return text;
  return text + (constant < 0 ? " - " : " + ") +
         std::to_string(std::abs(constant));
}

std::string attn::group(const std::string &text) {
  int depth = 0;
  for (char letter : text) {
    depth += (letter == '(') - (letter == ')');
    if (letter == ' ' && depth == 0)
      return "(" + text + ")";
  }
  return text;
}

static bool isTooLong(StringRef text) {
  int depth = 0, deepest = 0;
  for (char letter : text) {
    depth += (letter == '(') - (letter == ')');
    deepest = std::max(deepest, depth);
  }
  return deepest > kDeepestText || text.size() > kLongestText;
}

Number attn::makeNumber(std::string text, std::optional<int64_t> constant) {
  if (!constant || *constant > kLargest || *constant < -kLargest ||
      isTooLong(text))
    return std::nullopt;
  return CallNumber{std::move(text), *constant};
}

Number attn::add(const Number &a, const Number &b) {
  if (!a || !b)
    return std::nullopt;
  bool isSum = !a->isConstant() && !b->isConstant();
  return makeNumber(a->text + (isSum ? " + " : "") + b->text,
                    a->constant + b->constant);
}

static std::string negate(const std::string &text) {
  std::string grouped = group(text);
  return grouped[0] == '-' ? grouped.substr(1) : "-" + grouped;
}

Number attn::subtract(const Number &a, const Number &b) {
  if (!a || !b)
    return std::nullopt;
  int64_t constant = a->constant - b->constant;
  if (b->isConstant())
    return makeNumber(a->text, constant);
  if (a->text == b->text)
    return makeNumber("", constant);
  if (a->isConstant())
    return makeNumber(negate(b->text), constant);
  return makeNumber(a->text + " - " + group(b->text), constant);
}

Number attn::multiply(const Number &a, const Number &b) {
  if (!a || !b)
    return std::nullopt;
  if (b->isConstant() && !a->isConstant())
    return multiply(b, a);
  if (b->isConstant())
    return makeNumber("", llvm::checkedMul(a->constant, b->constant));
  if (a->isConstant() && a->constant == 0)
    return CallNumber();
  if (a->isConstant())
    return makeNumber((a->constant == 1 ? "" : group(a->str()) + " * ") +
                          group(b->text),
                      llvm::checkedMul(a->constant, b->constant));
  return makeNumber(group(a->str()) + " * " + group(b->str()), 0);
}

Number attn::floorDivide(const Number &a, int64_t divisor) {
  if (!a)
    return std::nullopt;
  // What divides the constant stays outside.
  int64_t rounded = a->constant - divisor + 1;
  int64_t outside = llvm::divideFloorSigned(rounded, divisor);
  if (a->isConstant())
    return makeNumber("", llvm::divideFloorSigned(a->constant, divisor));
  CallNumber inside{a->text, rounded - outside * divisor};
  return makeNumber("ceildiv(" + inside.str() + ", " + std::to_string(divisor) +
                        ")",
                    outside);
}

static std::optional<int64_t> getLimit(const CallNumber &number) {
  return number.isConstant() ? number.constant : number.limit;
}

Number attn::choose(StringRef name, const Number &a, const Number &b) {
  if (!a || !b)
    return std::nullopt;
  if (a->text == b->text)
    return makeNumber(a->text, name == "min"
                                   ? std::min(a->constant, b->constant)
                                   : std::max(a->constant, b->constant));
  // `min(size, 8) - 1` reads better than `min(size - 1, 7)`.
  int64_t outside = a->isConstant() ? b->constant : a->constant;
  Number chosen = makeNumber(
      name.str() + "(" + CallNumber{a->text, a->constant - outside}.str() +
          ", " + CallNumber{b->text, b->constant - outside}.str() + ")",
      outside);
  std::optional<int64_t> limitA = getLimit(*a), limitB = getLimit(*b);
  if (chosen && name == "min")
    chosen->limit = limitA && limitB ? std::min(*limitA, *limitB)
                    : limitA         ? limitA
                                     : limitB;
  else if (chosen && limitA && limitB)
    chosen->limit = std::max(*limitA, *limitB);
  return chosen;
}
