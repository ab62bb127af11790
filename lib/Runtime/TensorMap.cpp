//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorMap.h"

#include <algorithm>
#include <cstring>

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;

/// Limits that the driver's documentation of cuTensorMapEncodeTiled gives.
static constexpr uint64_t kMaxSize = uint64_t(1) << 32;
static constexpr uint64_t kMaxStride = uint64_t(1) << 40;
static constexpr uint64_t kStrideAlignment = 16;

bool TensorMapCache::Key::operator==(const Key &other) const {
  return memcmp(this, &other, sizeof(Key)) == 0;
}

size_t TensorMapCache::Key::hash() const {
  uint64_t words[sizeof(Key) / sizeof(uint64_t)];
  static_assert(sizeof(words) == sizeof(Key), "no padding to compare");
  memcpy(words, this, sizeof(Key));
  uint64_t hash = 0;
  for (uint64_t word : words)
    hash = (hash ^ word ^ (hash >> 29)) * 0x9e3779b97f4a7c15;
  return hash >> 32;
}

TensorMapCache::Key TensorMapCache::makeKey(const RecipeParameter &parameter,
                                            const Argument &argument,
                                            void *substitute) {
  Key key;
  key.parameter = &parameter;
  uint64_t elementSize = getElementSize(argument.elementType);
  bool isEmpty = std::find(argument.sizes, argument.sizes + argument.rank, 0) !=
                 argument.sizes + argument.rank;
  key.address = isEmpty ? substitute : argument.data;
  // The stride of a dimension of one element is never used, but looked at.
  uint64_t rowSize = std::max<uint64_t>(1, argument.sizes[argument.rank - 1]);
  uint64_t anyStride = (rowSize * elementSize + kStrideAlignment - 1) /
                       kStrideAlignment * kStrideAlignment;
  for (int32_t i = 0; i < argument.rank; ++i) {
    int d = parameter.dimensions[i];
    key.sizes[i] = isEmpty ? 1 : argument.sizes[d];
    if (i > 0)
      key.strides[i] =
          key.sizes[i] == 1 ? anyStride : argument.strides[d] * elementSize;
  }
  return key;
}

static int getDataType(ElementType type) {
  switch (type) {
  case ElementType::BF16:
    return CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
  case ElementType::F16:
    return CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
  case ElementType::F32:
    return CU_TENSOR_MAP_DATA_TYPE_FLOAT32;
  case ElementType::F64:
    return CU_TENSOR_MAP_DATA_TYPE_FLOAT64;
  case ElementType::I64:
    return CU_TENSOR_MAP_DATA_TYPE_INT64;
  case ElementType::I32:
    return CU_TENSOR_MAP_DATA_TYPE_INT32;
  case ElementType::I16:
    return CU_TENSOR_MAP_DATA_TYPE_UINT16;
  default:
    return CU_TENSOR_MAP_DATA_TYPE_UINT8;
  }
}

/// The driver's number of a size that doubles: swizzles from 32 bytes on, L2
/// promotions from 64 bytes on; 0 is none in both.
static int getDoublingCode(int bytes, int first) {
  int code = 0;
  for (int size = first; size <= bytes; size *= 2)
    ++code;
  return code;
}

Status TensorMapCache::encode(const Driver &driver, const Key &key,
                              const Argument &argument, CUtensorMap &map) {
  const RecipeParameter &parameter = *key.parameter;
  uint32_t box[kMaxRank], elementStrides[kMaxRank];
  int rank = argument.rank;
  for (int i = 0; i < rank; ++i) {
    box[i] = static_cast<uint32_t>(parameter.box[i]);
    elementStrides[i] = 1;
    int d = parameter.dimensions[i];
    if (key.sizes[i] > kMaxSize)
      return Status::invalidArgument(
          "expected a size of at most 4294967296 in dimension " +
          std::to_string(d) + ", got " + std::to_string(key.sizes[i]));
    if (key.strides[i] >= kMaxStride)
      return Status::invalidArgument(
          "expected a stride below 1099511627776 bytes in dimension " +
          std::to_string(d) + ", got " + std::to_string(key.strides[i]));
  }
  CUresult result = driver.tensorMapEncodeTiled(
      &map, getDataType(argument.elementType), rank, key.address, key.sizes,
      key.strides + 1, box, elementStrides, /*interleave=*/0,
      getDoublingCode(parameter.swizzle, 32),
      getDoublingCode(parameter.l2Promotion, 64), /*oobFill=*/0);
  return driver.check(result, "cuTensorMapEncodeTiled");
}

Status TensorMapCache::get(const Driver &driver,
                           const RecipeParameter &parameter,
                           const Argument &argument, void *substitute,
                           CUtensorMap &map) {
  Key key = makeKey(parameter, argument, substitute);
  std::lock_guard<std::mutex> lock(mutex);
  if (entries.empty())
    entries.resize(kEntries);
  Entry *set = &entries[key.hash() % (kEntries / kSetEntries) * kSetEntries];
  Entry *end = set + kSetEntries;
  Entry *found = std::find_if(
      set, end, [&](const Entry &entry) { return entry.key == key; });
  if (found == end) {
    CUtensorMap fresh;
    Status status = encode(driver, key, argument, fresh);
    if (!status.ok())
      return status;
    std::move_backward(set, end - 1, end);
    *set = {key, fresh};
    ++encoded;
    found = set;
  }
  map = found->map;
  return Status::success();
}
