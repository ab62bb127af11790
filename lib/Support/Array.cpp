//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Support/Array.h"

using namespace sigmoid_attn;

namespace {
struct ElementTypeInfo {
  const char *name;
  size_t size;
};
} // namespace

// In the order of ElementType.
static constexpr ElementTypeInfo kElementTypes[kNumElementTypes] = {
    {"i1", 1},  {"i8", 1},   {"i16", 2}, {"i32", 4}, {"i64", 8},
    {"f16", 2}, {"bf16", 2}, {"f32", 4}, {"f64", 8}};

size_t sigmoid_attn::getElementSize(ElementType type) {
  return kElementTypes[static_cast<int>(type)].size;
}

const char *sigmoid_attn::getElementTypeName(ElementType type) {
  return kElementTypes[static_cast<int>(type)].name;
}

std::optional<ElementType>
sigmoid_attn::parseElementType(std::string_view name) {
  for (int i = 0; i < kNumElementTypes; ++i)
    if (name == kElementTypes[i].name)
      return static_cast<ElementType>(i);
  return std::nullopt;
}

std::string sigmoid_attn::formatShape(const std::vector<int64_t> &shape) {
  if (shape.empty())
    return "()";
  std::string text;
  for (int64_t size : shape) {
    if (!text.empty())
      text += 'x';
    text += size < 0 ? "?" : std::to_string(size);
  }
  return text;
}

std::optional<int64_t>
sigmoid_attn::countElements(const std::vector<int64_t> &shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    if (size < 0 || __builtin_mul_overflow(count, size, &count))
      return std::nullopt;
  return count;
}

std::vector<int64_t>
sigmoid_attn::getRowMajorStrides(const std::vector<int64_t> &shape) {
  std::vector<int64_t> strides(shape.size());
  // Sizes of 0 would make outer strides 0; a stride of an empty array is never
  // used, but some code insists that strides do not grow inwards.
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    // Overflows only where another size is 0, and then wraps harmlessly.
    (void)__builtin_mul_overflow(stride, shape[i] > 1 ? shape[i] : 1, &stride);
  }
  return strides;
}

Result<Array> Array::allocate(ElementType elementType,
                              std::vector<int64_t> shape) {
  std::optional<int64_t> count = countElements(shape);
  int64_t bytes = 0;
  if (!count ||
      __builtin_mul_overflow(
          *count, static_cast<int64_t>(getElementSize(elementType)), &bytes))
    return Status::invalidArgument("shape " + formatShape(shape) +
                                   " is negative or too large");
  // A cache line's alignment suits every vector load; aligned_alloc wants a
  // multiple of it.
  constexpr int64_t kAlignment = 64;
  if (bytes > INT64_MAX - kAlignment)
    return Status::invalidArgument("shape " + formatShape(shape) +
                                   " is too large");
  int64_t rounded = (bytes + kAlignment) / kAlignment * kAlignment;
  void *memory = std::aligned_alloc(kAlignment, rounded);
  if (!memory)
    return Status::runtimeError("cannot allocate " + std::to_string(bytes) +
                                " bytes for an array of shape " +
                                formatShape(shape));
  return adopt(memory, memory, elementType, std::move(shape));
}

Array Array::adopt(void *allocation, void *data, ElementType elementType,
                   std::vector<int64_t> shape) {
  Array array;
  array.allocation.reset(allocation);
  array.elements = data;
  array.type = elementType;
  array.sizes = std::move(shape);
  return array;
}

Status sigmoid_attn::checkArray(const ArrayView &array) {
  int type = static_cast<int>(array.elementType);
  if (type < 0 || type >= kNumElementTypes)
    return Status::invalidArgument("unknown element type " +
                                   std::to_string(type));
  for (int64_t size : array.shape)
    if (size < 0)
      return Status::invalidArgument("expected sizes of at least 0, got " +
                                     std::to_string(size));
  std::optional<int64_t> count = countElements(array.shape);
  if (!count)
    return Status::invalidArgument("shape " + formatShape(array.shape) +
                                   " is too large");
  if (!array.strides.empty() && array.strides.size() != array.shape.size())
    return Status::invalidArgument(
        "expected " + std::to_string(array.shape.size()) + " strides, got " +
        std::to_string(array.strides.size()));
  if (*count == 0)
    return Status::success();
  if (!array.data)
    return Status::invalidArgument("data pointer is null");
  size_t elementSize = getElementSize(array.elementType);
  if (reinterpret_cast<uintptr_t>(array.data) % elementSize != 0)
    return Status::invalidArgument(std::string("expected data aligned to ") +
                                   std::to_string(elementSize) + " bytes for " +
                                   getElementTypeName(array.elementType));
  return Status::success();
}

std::pair<const char *, const char *>
sigmoid_attn::getByteRange(const ArrayView &array) {
  if (countElements(array.shape).value_or(0) == 0)
    return {nullptr, nullptr};
  std::vector<int64_t> strides =
      array.strides.empty() ? getRowMajorStrides(array.shape) : array.strides;
  int64_t lowest = 0, highest = 0;
  for (size_t i = 0; i < array.shape.size(); ++i) {
    int64_t reach = (array.shape[i] - 1) * strides[i];
    (reach < 0 ? lowest : highest) += reach;
  }
  int64_t elementSize = getElementSize(array.elementType);
  const char *data = static_cast<const char *>(array.data);
  return {data + lowest * elementSize, data + (highest + 1) * elementSize};
}
