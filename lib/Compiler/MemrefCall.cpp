//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MemrefCall.h"

#include <algorithm>
#include <cstring>

using namespace sigmoid_attn;

MemrefCall::MemrefCall(const FunctionSignature &signature,
                       const std::vector<ArrayView> &arguments)
    : signature(signature), arguments(arguments) {
  layOutResults();
  // The C interface takes the place for results first, if one of them does not
  // fit a register.
  bool resultsInRegister =
      signature.results.size() == 1 &&
      signature.results.front().kind == ValueType::Kind::Scalar;
  bool resultsInMemory = !signature.results.empty() && !resultsInRegister;
  if (resultsInMemory)
    slots.push_back(resultMemory.data());
  descriptors.reserve(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    const ArrayView &array = arguments[i];
    const ValueType &type = signature.arguments[i];
    if (type.kind == ValueType::Kind::Scalar) {
      slots.push_back(array.data);
      continue;
    }
    int64_t size = getElementSize(type.elementType);
    int64_t data = reinterpret_cast<int64_t>(array.data) - type.offset * size;
    Descriptor descriptor{data, data, type.offset};
    descriptor.insert(descriptor.end(), array.shape.begin(), array.shape.end());
    std::vector<int64_t> strides =
        array.strides.empty() ? getRowMajorStrides(array.shape) : array.strides;
    descriptor.insert(descriptor.end(), strides.begin(), strides.end());
    descriptors.push_back(std::move(descriptor));
    slots.push_back(descriptors.back().data());
  }
  if (resultsInRegister)
    slots.push_back(resultMemory.data());
}

void MemrefCall::layOutResults() {
  size_t end = 0;
  for (const ValueType &type : signature.results) {
    bool isScalar = type.kind == ValueType::Kind::Scalar;
    size_t size = isScalar ? getElementSize(type.elementType)
                           : 8 * (3 + 2 * type.shape.size());
    size_t alignment = std::min<size_t>(size, 8);
    end = (end + alignment - 1) / alignment * alignment;
    resultOffsets.push_back(end);
    end += size;
  }
  resultMemory.resize((end + 7) / 8);
}

/// Copies a strided array into a dense one.
static void copyStrided(char *&target, const char *source, size_t elementSize,
                        const int64_t *sizes, const int64_t *strides,
                        size_t rank) {
  if (rank == 0) {
    std::memcpy(target, source, elementSize);
    target += elementSize;
    return;
  }
  for (int64_t i = 0; i < *sizes; ++i)
    copyStrided(target, source + i * *strides * int64_t(elementSize),
                elementSize, sizes + 1, strides + 1, rank - 1);
}

Result<Array> MemrefCall::takeMemref(const ValueType &type,
                                     const char *memory) {
  size_t rank = type.shape.size();
  Descriptor descriptor(3 + 2 * rank);
  std::memcpy(descriptor.data(), memory, 8 * descriptor.size());
  auto *allocated = reinterpret_cast<void *>(descriptor[0]);
  size_t elementSize = getElementSize(type.elementType);
  char *data = reinterpret_cast<char *>(descriptor[1]) +
               descriptor[2] * int64_t(elementSize);
  const int64_t *sizes = descriptor.data() + 3, *strides = sizes + rank;
  std::vector<int64_t> shape(sizes, sizes + rank);
  // A function on memrefs may hand back an argument, which stays its owner's,
  // or the same memory twice.
  bool isOwned = allocated &&
                 std::count(taken.begin(), taken.end(), allocated) == 0 &&
                 std::none_of(descriptors.begin(), descriptors.end(),
                              [&](const Descriptor &argument) {
                                return argument[0] == descriptor[0];
                              });
  taken.push_back(allocated);
  std::vector<int64_t> dense = getRowMajorStrides(shape);
  bool isDense = true;
  for (size_t i = 0; i < rank; ++i)
    isDense &= shape[i] <= 1 || strides[i] == dense[i];
  if (isDense && isOwned)
    return Array::adopt(allocated, data, type.elementType, std::move(shape));
  Result<Array> copy = Array::allocate(type.elementType, shape);
  if (copy.ok() && copy->numElements() != 0) {
    char *target = static_cast<char *>(copy->data());
    copyStrided(target, data, elementSize, sizes, strides, rank);
  }
  if (isOwned)
    std::free(allocated);
  return copy;
}

Result<std::vector<Array>> MemrefCall::takeResults() {
  std::vector<Array> results;
  Status failure;
  for (size_t i = 0; i < signature.results.size(); ++i) {
    const ValueType &type = signature.results[i];
    const char *memory =
        reinterpret_cast<const char *>(resultMemory.data()) + resultOffsets[i];
    bool isScalar = type.kind == ValueType::Kind::Scalar;
    Result<Array> result = isScalar ? Array::allocate(type.elementType, {})
                                    : takeMemref(type, memory);
    if (!result.ok()) {
      // The others are still taken, so that their memory is freed.
      failure = result.status();
      continue;
    }
    if (isScalar)
      std::memcpy(result->data(), memory, getElementSize(type.elementType));
    results.push_back(std::move(*result));
  }
  if (!failure.ok())
    return failure;
  return results;
}
