//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaunchPlan.h"

#include <cstring>

using namespace sigmoid_attn;

/// Larger ranks are wrong for every recipe.
static constexpr int32_t kMaxRank = 8;

bool LaunchKey::set(const Argument *arguments, size_t count,
                    cuda::CUstream stream, cuda::CUcontext current) {
  size = 0;
  bool fits = add(reinterpret_cast<uint64_t>(stream)) &&
              add(reinterpret_cast<uint64_t>(current));
  for (size_t i = 0; i < count && fits; ++i) {
    const Argument &argument = arguments[i];
    uint64_t head = uint64_t(argument.kind) << 32;
    if (argument.kind != Argument::Kind::Tensor) {
      // By bits: the two zeros differ, as the results may.
      uint64_t real = 0;
      memcpy(&real, &argument.real, sizeof(real));
      bool isReal = argument.kind == Argument::Kind::Real;
      fits = add(head) && add(isReal ? real : uint64_t(argument.integer));
      continue;
    }
    int32_t rank = argument.rank;
    if (rank < 0 || rank > kMaxRank ||
        (rank > 0 && (!argument.sizes || !argument.strides)))
      return false;
    fits = add(head | uint64_t(argument.elementType) << 8 | uint64_t(rank)) &&
           add(reinterpret_cast<uint64_t>(argument.data));
    for (int32_t d = 0; d < rank && fits; ++d)
      fits = add(argument.sizes[d]) && add(argument.strides[d]);
  }
  return fits;
}

bool LaunchKey::operator==(const LaunchKey &other) const {
  return size == other.size &&
         memcmp(words, other.words, size * sizeof(uint64_t)) == 0;
}

size_t LaunchKey::hash() const {
  uint64_t hash = size;
  for (size_t i = 0; i < size; ++i)
    hash = (hash ^ words[i] ^ (hash >> 29)) * 0x9e3779b97f4a7c15;
  return hash >> 32;
}

std::shared_ptr<const LaunchPlan>
LaunchPlanCache::find(const LaunchKey &key) const {
  size_t place = key.hash() % kEntries;
  std::shared_lock<std::shared_mutex> lock(mutex);
  const std::shared_ptr<const LaunchPlan> &entry = entries[place];
  return entry && entry->key == key ? entry : nullptr;
}

void LaunchPlanCache::insert(std::shared_ptr<const LaunchPlan> plan) {
  size_t place = plan->key.hash() % kEntries;
  std::unique_lock<std::shared_mutex> lock(mutex);
  // The displaced plan is released by the caller, outside of the lock.
  entries[place].swap(plan);
}
