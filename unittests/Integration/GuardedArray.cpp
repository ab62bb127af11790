//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layouts, guard bands and conversion of numbers.
//
//===----------------------------------------------------------------------===//

#include "GuardedArray.h"

#include "Reference.h"

#include "sigmoid-attn/Support/SmallFloat.h"

#include <cstring>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

/// Elements on either side of an array; a multiple of every alignment.
static constexpr int64_t kGuardElements = 256;

/// A quiet NaN in f16, bf16 and f32 alike, unlike any that code computes.
static constexpr unsigned char kPoison[4] = {0xE5, 0x7F, 0xE5, 0x7F};

double test::loadNumber(const void *source, ElementType type) {
  if (type == ElementType::F32) {
    float value;
    std::memcpy(&value, source, sizeof(value));
    return value;
  }
  uint16_t bits;
  std::memcpy(&bits, source, sizeof(bits));
  return type == ElementType::F16 ? halfToFloat(bits) : bfloatToFloat(bits);
}

void test::storeNumber(double value, void *target, ElementType type) {
  float narrow = value;
  if (type == ElementType::F32) {
    std::memcpy(target, &narrow, sizeof(narrow));
    return;
  }
  uint16_t bits =
      type == ElementType::F16 ? floatToHalf(narrow) : floatToBfloat(narrow);
  std::memcpy(target, &bits, sizeof(bits));
}

/// Strides of batch, head, length and head dim.
static std::vector<int64_t> getStrides(const std::vector<int64_t> &shape,
                                       Layout layout, Role role) {
  int64_t heads = shape[1], length = shape[2], dim = shape[3];
  switch (layout) {
  case Layout::HeadMajor:
    break;
  case Layout::LengthMajor:
    return {length * heads * dim, dim, heads * dim, 1};
  case Layout::Padded: {
    int64_t row = (dim + 7) / 8 * 8 + 8, head = length * row + 16;
    return {heads * head + 32, head, row, 1};
  }
  case Layout::Unaligned: {
    int64_t row = dim | 1, head = length * row + 3;
    return {heads * head, head, row, 1};
  }
  case Layout::SharedKeys:
    if (role == Role::Key)
      return {0, length * dim, dim, 1};
    break;
  }
  return {heads * length * dim, length * dim, dim, 1};
}

GuardedArray::GuardedArray(ElementType type, std::vector<int64_t> shape,
                           Layout layout, Role role)
    : type(type), shape(std::move(shape)) {
  strides = getStrides(this->shape, layout, role);
  int64_t span = 0;
  for (size_t dim = 0; dim < this->shape.size(); ++dim)
    span += std::max<int64_t>(this->shape[dim] - 1, 0) * strides[dim];
  firstElement = kGuardElements + (layout == Layout::Unaligned ? 3 : 0);
  size_t size = getElementSize(type);
  bytes.resize((firstElement + span + 1 + kGuardElements) * size);
  for (size_t index = 0; index < bytes.size(); ++index)
    bytes[index] = kPoison[index % sizeof(kPoison)];
}

template <typename Callback>
void GuardedArray::forEachElement(Callback callback) const {
  int64_t number = 0;
  for (int64_t b = 0; b < shape[0]; ++b)
    for (int64_t h = 0; h < shape[1]; ++h)
      for (int64_t i = 0; i < shape[2]; ++i) {
        int64_t row =
            firstElement + b * strides[0] + h * strides[1] + i * strides[2];
        for (int64_t d = 0; d < shape[3]; ++d)
          callback(number++, (row + d) * getElementSize(type));
      }
}

void GuardedArray::set(const std::vector<double> &values) {
  forEachElement([&](int64_t number, size_t place) {
    storeNumber(values[number], &bytes[place], type);
  });
}

std::vector<double> GuardedArray::get() const {
  std::vector<double> values(countElements(shape).value_or(0));
  forEachElement([&](int64_t number, size_t place) {
    values[number] = loadNumber(&bytes[place], type);
  });
  return values;
}

ArrayView GuardedArray::view() {
  return ArrayView(&bytes[firstElement * getElementSize(type)], type, shape,
                   strides);
}

bool GuardedArray::isGuardIntact() const {
  std::vector<bool> isElement(bytes.size());
  forEachElement([&](int64_t, size_t place) {
    for (size_t byte = 0; byte < getElementSize(type); ++byte)
      isElement[place + byte] = true;
  });
  for (size_t index = 0; index < bytes.size(); ++index)
    if (!isElement[index] && bytes[index] != kPoison[index % sizeof(kPoison)])
      return false;
  return true;
}
