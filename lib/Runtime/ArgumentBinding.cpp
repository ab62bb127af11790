//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ArgumentBinding.h"

#include "Json.h"

#include <algorithm>

using namespace sigmoid_attn;

std::string sigmoid_attn::formatArgument(const Argument &argument) {
  if (argument.kind == Argument::Kind::Real)
    return json::printNumber(argument.real);
  if (argument.kind == Argument::Kind::Integer)
    return std::to_string(argument.integer);
  std::string out;
  for (int32_t d = 0; d < argument.rank; ++d)
    out += std::to_string(argument.sizes[d]) + "x";
  return out + getElementTypeName(argument.elementType);
}

static Status invalid(std::string message) {
  return Status::invalidArgument(std::move(message));
}

static bool isKnownType(ElementType type) {
  int value = static_cast<int>(type);
  return value >= 0 && value < kNumElementTypes;
}

/// Checks type and rank, which everything else relies on.
static Status checkKind(const RecipeArgument &expected,
                        const Argument &argument) {
  if (argument.kind != Argument::Kind::Tensor)
    return invalid("expected a tensor, got a scalar");
  if (!isKnownType(argument.elementType) ||
      argument.elementType != expected.type)
    return invalid(std::string("expected element type ") +
                   getElementTypeName(expected.type) + ", got " +
                   (isKnownType(argument.elementType)
                        ? getElementTypeName(argument.elementType)
                        : "an unknown one"));
  if (argument.rank != static_cast<int32_t>(expected.shape.size()))
    return invalid("expected rank " + std::to_string(expected.shape.size()) +
                   ", got " + std::to_string(argument.rank));
  if (argument.rank > 0 && (!argument.sizes || !argument.strides))
    return invalid("expected sizes and strides, got null");
  return Status::success();
}

/// Checks strides and address of a tensor that has elements.
static Status checkLayout(const RecipeArgument &expected,
                          const Argument &argument) {
  int64_t elementSize = getElementSize(expected.type);
  int32_t last = argument.rank - 1;
  for (int32_t d = 0; d <= last; ++d) {
    int64_t stride = argument.strides[d];
    if (argument.sizes[d] <= 1)
      continue;
    std::string place = " in dimension " + std::to_string(d);
    if (d == last && stride != 1)
      return invalid("expected stride 1" + place +
                     ", which must be contiguous, got " +
                     std::to_string(stride));
    if (stride < 0)
      return invalid("expected a stride of 0 or more" + place + ", got " +
                     std::to_string(stride));
    if (stride == 0 && expected.access == Access::Write)
      return invalid("expected a stride of 1 or more" + place +
                     " of a written tensor, got 0");
    if (d != last &&
        stride % expected.alignment * elementSize % expected.alignment)
      return invalid("expected a stride of a multiple of " +
                     std::to_string(expected.alignment) + " bytes" + place +
                     ", got " + std::to_string(stride) + " elements of " +
                     std::to_string(elementSize) + " bytes");
  }
  auto address = reinterpret_cast<uintptr_t>(argument.data);
  if (!address)
    return invalid("expected an address, got null");
  if (address % expected.alignment)
    return invalid("expected an address aligned to " +
                   std::to_string(expected.alignment) +
                   " bytes, got one with a remainder of " +
                   std::to_string(address % expected.alignment));
  return Status::success();
}

/// Refuses a tensor two of whose elements may be one in memory, which two
/// blocks would write in an order that nobody knows. Dimensions by stride: each
/// must step over all that the ones before it span.
static Status checkDisjoint(const Argument &argument) {
  std::vector<int32_t> order;
  for (int32_t d = 0; d < argument.rank; ++d)
    if (argument.sizes[d] > 1)
      order.push_back(d);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return argument.strides[a] < argument.strides[b];
  });
  // The last element that is reached; more than any memory holds ends it.
  uint64_t span = 0;
  for (int32_t d : order) {
    uint64_t stride = argument.strides[d], steps = argument.sizes[d] - 1;
    if (stride <= span)
      return invalid("expected a stride of more than " + std::to_string(span) +
                     " in dimension " + std::to_string(d) +
                     " of a written tensor, whose elements must not overlap, "
                     "got " +
                     std::to_string(stride));
    if (__builtin_mul_overflow(stride, steps, &steps) ||
        __builtin_add_overflow(span, steps, &span))
      break;
  }
  return Status::success();
}

Status ArgumentBinder::bindTensor(size_t place, const Argument &argument,
                                  Binding &binding, bool *isBound) const {
  const RecipeArgument &expected = recipe.arguments[place];
  Status status = checkKind(expected, argument);
  if (!status.ok())
    return status;
  bool isEmpty = false;
  for (int32_t d = 0; d < argument.rank; ++d) {
    int64_t size = argument.sizes[d];
    isEmpty |= size == 0;
    if (size < 0)
      return invalid("expected a size of 0 or more in dimension " +
                     std::to_string(d) + ", got " + std::to_string(size));
    int name = variables.shapeName[place][d];
    int64_t wanted = size;
    if (name < 0)
      wanted = *parseSize(expected.shape[d]);
    else if (isBound[name])
      wanted = binding.values[name].integer;
    if (size != wanted)
      return invalid("expected size " + std::to_string(wanted) +
                     " in dimension " + std::to_string(d) +
                     (name < 0 ? "" : " (" + expected.shape[d] + ")") +
                     ", got " + std::to_string(size));
    auto set = [&](int variable, int64_t value) {
      binding.values[variable] = {value, static_cast<double>(value)};
    };
    if (name >= 0) {
      set(name, size);
      isBound[name] = true;
    }
    set(variables.first[place] + 2 * d, size);
    set(variables.first[place] + 2 * d + 1, argument.strides[d]);
  }
  if (isEmpty)
    return Status::success();
  status = checkLayout(expected, argument);
  if (expected.access != Access::Write)
    return status;
  binding.nothingToWrite = false;
  return status.ok() ? checkDisjoint(argument) : status;
}

Status ArgumentBinder::bindScalar(size_t place, const Argument &argument,
                                  Binding &binding) const {
  const RecipeArgument &expected = recipe.arguments[place];
  int variable = variables.first[place];
  bool isInteger = variables.list[variable].isInteger;
  if (argument.kind !=
      (isInteger ? Argument::Kind::Integer : Argument::Kind::Real))
    return invalid(std::string("expected a scalar of ") +
                   getElementTypeName(expected.type) + ", got " +
                   (argument.kind == Argument::Kind::Tensor ? "a tensor"
                    : isInteger ? "one of floating type"
                                : "an integer"));
  if (isInteger) {
    int64_t value = argument.integer;
    if (expected.type == ElementType::I32 &&
        value != static_cast<int32_t>(value))
      return invalid("expected a scalar of i32, got " + std::to_string(value));
    binding.values[variable] = {value, static_cast<double>(value)};
    return Status::success();
  }
  double value = argument.real;
  if (expected.type == ElementType::F32)
    value = static_cast<float>(value);
  binding.values[variable] = {0, value};
  return Status::success();
}

Status ArgumentBinder::bind(const Argument *arguments, size_t count,
                            Binding &binding) const {
  if (count != recipe.arguments.size())
    return invalid(recipe.name + ": expected " +
                   std::to_string(recipe.arguments.size()) +
                   " arguments, got " + std::to_string(count));
  bool isBound[kMaxVariables] = {};
  for (size_t i = 0; i < count; ++i) {
    Status status = recipe.arguments[i].isTensor
                        ? bindTensor(i, arguments[i], binding, isBound)
                        : bindScalar(i, arguments[i], binding);
    if (!status.ok())
      return status.withContext(recipe.name + ": " + recipe.arguments[i].name);
  }
  return Status::success();
}
