//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Compiler/Signature.h"

#include "Expression.h"

#include <regex>

using namespace sigmoid_attn;

static std::string quote(const std::string &text) { return "'" + text + "'"; }

/// `argument 2 of 'main'`.
static std::string nameArgument(const FunctionSignature &signature,
                                size_t index) {
  return "argument " + std::to_string(index) + " of " + quote(signature.name);
}

std::string sigmoid_attn::formatType(const ValueType &type) {
  std::string element = getElementTypeName(type.elementType);
  if (type.kind == ValueType::Kind::Scalar)
    return element;
  std::string text =
      type.kind == ValueType::Kind::Tensor ? "tensor<" : "memref<";
  if (!type.shape.empty())
    text += formatShape(type.shape) + "x";
  return text + element + ">";
}

/// The shape against the type's sizes.
static Status checkShape(const ValueType &type, const ArrayView &array) {
  if (array.shape.size() != type.shape.size())
    return Status::invalidArgument(
        "expected rank " + std::to_string(type.shape.size()) + " for " +
        formatType(type) + ", got rank " + std::to_string(array.shape.size()));
  for (size_t i = 0; i < type.shape.size(); ++i)
    if (type.shape[i] != kDynamic && type.shape[i] != array.shape[i])
      return Status::invalidArgument("expected shape " +
                                     formatShape(type.shape) + ", got " +
                                     formatShape(array.shape));
  return Status::success();
}

/// The strides against the type's layout. The stride of a size below 2 is never
/// used, and arrays with one element less often have an odd one.
static Status checkStrides(const ValueType &type, const ArrayView &array) {
  if (array.shape.empty() || countElements(array.shape).value_or(0) == 0)
    return Status::success();
  std::vector<int64_t> strides =
      array.strides.empty() ? getRowMajorStrides(array.shape) : array.strides;
  std::vector<int64_t> expected = type.strides;
  if (type.kind == ValueType::Kind::Tensor) {
    expected.assign(array.shape.size(), kDynamic);
    expected.back() = 1;
  }
  for (size_t i = 0; i < strides.size(); ++i)
    if (array.shape[i] > 1 && expected[i] != kDynamic &&
        expected[i] != strides[i])
      return Status::invalidArgument(
          "expected stride " + std::to_string(expected[i]) + " in dimension " +
          std::to_string(i) + ", got " + std::to_string(strides[i]));
  return Status::success();
}

static Status checkArgument(const ValueType &type, const ArrayView &array) {
  // An unknown element type has no name, so it is looked at first.
  int elementType = static_cast<int>(array.elementType);
  bool known = elementType >= 0 && elementType < kNumElementTypes;
  if (known && array.elementType != type.elementType)
    return Status::invalidArgument(std::string("expected element type ") +
                                   getElementTypeName(type.elementType) +
                                   ", got " +
                                   getElementTypeName(array.elementType));
  Status status = checkArray(array);
  if (status.ok())
    status = checkShape(type, array);
  if (status.ok())
    status = checkStrides(type, array);
  return status;
}

static bool holds(SizeCondition::Kind kind, int64_t size, int64_t other) {
  switch (kind) {
  case SizeCondition::Kind::Equal:
    return size == other;
  case SizeCondition::Kind::MultipleOf:
    // No heads at all divide into no groups.
    return other ? size % other == 0 : size == 0;
  case SizeCondition::Kind::DivisorOf:
    return holds(SizeCondition::Kind::MultipleOf, other, size);
  }
  return false;
}

static const char *getPhrase(SizeCondition::Kind kind) {
  switch (kind) {
  case SizeCondition::Kind::Equal:
    return "";
  case SizeCondition::Kind::MultipleOf:
    return "a multiple of ";
  case SizeCondition::Kind::DivisorOf:
    return "a divisor of ";
  }
  return "";
}

static Status checkCondition(const FunctionSignature &signature,
                             const SizeCondition &condition,
                             const std::vector<ArrayView> &arguments) {
  int64_t size = arguments[condition.argument].shape[condition.dim];
  bool isConstant = condition.otherArgument == kDynamic;
  int64_t other =
      isConstant ? condition.value
                 : arguments[condition.otherArgument].shape[condition.otherDim];
  if (holds(condition.kind, size, other))
    return Status::success();
  std::string text = "expected dimension " + std::to_string(condition.dim) +
                     " to be " + getPhrase(condition.kind) +
                     std::to_string(other);
  if (!isConstant)
    text += " (dimension " + std::to_string(condition.otherDim) +
            " of argument " + std::to_string(condition.otherArgument) + ")";
  text += ", got " + std::to_string(size);
  return Status::invalidArgument(std::move(text))
      .withContext(nameArgument(signature, condition.argument));
}

/// The variables of the signature's expressions, and what this call has them
/// be. Floating numbers are none.
static void bindVariables(const FunctionSignature &signature,
                          const std::vector<ArrayView> &arguments,
                          std::vector<Variable> &variables,
                          std::vector<VariableValue> &values) {
  auto bind = [&](std::string name, int64_t value) {
    variables.push_back({std::move(name)});
    values.push_back({value, static_cast<double>(value)});
  };
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string name = "argument_" + std::to_string(i);
    const ArrayView &array = arguments[i];
    for (size_t dim = 0; dim < array.shape.size(); ++dim)
      bind(name + ".size." + std::to_string(dim), array.shape[dim]);
    if (signature.arguments[i].kind != ValueType::Kind::Scalar)
      continue;
    if (array.elementType == ElementType::I32)
      bind(name, *static_cast<const int32_t *>(array.data));
    else if (array.elementType == ElementType::I64)
      bind(name, *static_cast<const int64_t *>(array.data));
  }
}

/// An expression as people read it: `dimension 1 of argument 0 + 4`.
static std::string spell(std::string text) {
  static const std::regex size("argument_([0-9]+)\\.size\\.([0-9]+)");
  static const std::regex argument("argument_([0-9]+)");
  text = std::regex_replace(text, size, "dimension $2 of argument $1");
  return std::regex_replace(text, argument, "argument $1");
}

/// Evaluates the expressions of a signature for one call.
static Result<int64_t> evaluate(const FunctionSignature &signature,
                                const std::vector<ArrayView> &arguments,
                                const std::string &text) {
  std::vector<Variable> variables;
  std::vector<VariableValue> values;
  bindVariables(signature, arguments, variables, values);
  Result<Expression> expression =
      Expression::parse(text, Expression::Arithmetic::Integer, variables);
  if (!expression.ok())
    return expression.status();
  int64_t number = 0;
  if (const char *problem = expression->evaluate(values.data(), number))
    return Status::invalidArgument("expected a value of " + spell(text) +
                                   ", got " + problem);
  return number;
}

static Status checkIndex(const FunctionSignature &signature,
                         const IndexCondition &condition,
                         const std::vector<ArrayView> &arguments) {
  std::string dim = "dimension " + std::to_string(condition.dim);
  if (!condition.least.empty()) {
    Result<int64_t> least = evaluate(signature, arguments, condition.least);
    if (!least.ok())
      return least.status();
    if (*least < 0)
      return Status::invalidArgument("expected an index of at least 0 in " +
                                     dim + ", got " + std::to_string(*least) +
                                     " (" + spell(condition.least) + ")");
  }
  if (condition.end.empty())
    return Status::success();
  Result<int64_t> end = evaluate(signature, arguments, condition.end);
  if (!end.ok())
    return end.status();
  int64_t size = condition.argument == kDynamic
                     ? condition.size
                     : arguments[condition.argument].shape[condition.dim];
  if (*end <= size)
    return Status::success();
  std::string number = std::to_string(*end);
  if (number != condition.end)
    number += " (" + spell(condition.end) + ")";
  return Status::invalidArgument("expected " + dim + " to be at least " +
                                 number + ", got " + std::to_string(size));
}

/// Refuses memory that the function writes and that another argument shares.
/// Interleaved arrays count as overlapping: telling them apart is not worth it.
static Status checkOverlap(const FunctionSignature &signature,
                           const std::vector<ArrayView> &arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!signature.arguments[i].written)
      continue;
    auto [begin, end] = getByteRange(arguments[i]);
    for (size_t j = 0; j < arguments.size(); ++j) {
      if (i == j || signature.arguments[j].kind == ValueType::Kind::Scalar)
        continue;
      auto [otherBegin, otherEnd] = getByteRange(arguments[j]);
      if (begin && otherBegin && begin < otherEnd && otherBegin < end)
        return Status::invalidArgument("is written and overlaps argument " +
                                       std::to_string(j))
            .withContext(nameArgument(signature, i));
    }
  }
  return Status::success();
}

Status sigmoid_attn::checkArguments(const FunctionSignature &signature,
                                    const std::vector<ArrayView> &arguments) {
  if (arguments.size() != signature.arguments.size())
    return Status::invalidArgument(quote(signature.name) + ": expected " +
                                   std::to_string(signature.arguments.size()) +
                                   " arguments, got " +
                                   std::to_string(arguments.size()));
  for (size_t i = 0; i < arguments.size(); ++i)
    if (Status status = checkArgument(signature.arguments[i], arguments[i]);
        !status.ok())
      return status.withContext(nameArgument(signature, i));
  for (const SizeCondition &condition : signature.conditions)
    if (Status status = checkCondition(signature, condition, arguments);
        !status.ok())
      return status;
  for (const IndexCondition &condition : signature.indices)
    if (Status status = checkIndex(signature, condition, arguments);
        !status.ok())
      return status.withContext(
          condition.argument == kDynamic
              ? "a table of " + quote(signature.name)
              : nameArgument(signature, condition.argument));
  return checkOverlap(signature, arguments);
}
