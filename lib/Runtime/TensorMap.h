//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Tensor maps: the descriptors that the tensor memory accelerator copies by.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_RUNTIME_TENSORMAP_H
#define SIGMOID_ATTN_LIB_RUNTIME_TENSORMAP_H

#include "Driver.h"
#include "sigmoid-attn/Runtime/Argument.h"
#include "sigmoid-attn/Runtime/Recipe.h"

#include <mutex>
#include <vector>

namespace sigmoid_attn {

/// Makes tensor maps and keeps the latest ones, by parameter, address, sizes
/// and strides. Thread-safe.
class TensorMapCache {
public:
  /// Sets `map` to the map that `parameter` describes over `argument`.
  /// `parameter` must live as long as the cache. An empty tensor gets a map of
  /// one element a dimension at `substitute`, which kernels do not copy by.
  Status get(const cuda::Driver &driver, const RecipeParameter &parameter,
             const Argument &argument, void *substitute,
             cuda::CUtensorMap &map);

  /// How many maps were made so far.
  size_t numEncoded() const { return encoded; }

private:
  static constexpr int kMaxRank = 5;

  /// What the driver is asked to describe, innermost dimension first.
  struct Key {
    const RecipeParameter *parameter = nullptr;
    void *address = nullptr;
    uint64_t sizes[kMaxRank] = {};
    /// In bytes; of the second dimension on.
    uint64_t strides[kMaxRank] = {};

    bool operator==(const Key &other) const;
    size_t hash() const;
  };
  struct Entry {
    Key key;
    cuda::CUtensorMap map;
  };
  /// A table of small sets, newest map first, without chains: a map that others
  /// displace is made again, which costs a microsecond. With sets of one, any
  /// two tensors of a call could displace each other at each launch.
  static constexpr size_t kEntries = 512, kSetEntries = 4;

  static Key makeKey(const RecipeParameter &parameter, const Argument &argument,
                     void *substitute);
  static Status encode(const cuda::Driver &driver, const Key &key,
                       const Argument &argument, cuda::CUtensorMap &map);

  std::mutex mutex;
  std::vector<Entry> entries;
  size_t encoded = 0;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_RUNTIME_TENSORMAP_H
