//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Launches made ready: what a call turned into, kept for calls that are the
/// same. Most calls of a program are, since allocators give the same addresses
/// again and again.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_RUNTIME_LAUNCHPLAN_H
#define SIGMOID_ATTN_LIB_RUNTIME_LAUNCHPLAN_H

#include "Context.h"
#include "sigmoid-attn/Runtime/Argument.h"

#include <memory>
#include <shared_mutex>
#include <vector>

namespace sigmoid_attn {

/// The bytes of all parameters that a kernel may have (PTX ISA, before the
/// larger limit of 8.1), and the number of them.
constexpr size_t kMaxParameterBytes = 4096;
constexpr size_t kMaxParameterCount = 128;

/// One launch's parameters, laid out for the driver.
struct PackedParameters {
  alignas(64) unsigned char bytes[kMaxParameterBytes];
  void *pointers[kMaxParameterCount];
  size_t used = 0;
  size_t count = 0;

  /// Room for the next parameter; the recipe was checked to fit.
  void *add(size_t size, size_t alignment) {
    used = (used + alignment - 1) / alignment * alignment;
    void *place = bytes + used;
    used += size;
    pointers[count++] = place;
    return place;
  }
};

/// One kernel launch, but for its stream and its counter.
struct PlannedLaunch {
  cuda::CUfunction function = nullptr;
  cuda::CUlaunchConfig config = {};
  cuda::CUlaunchAttribute cluster = {};
  PackedParameters parameters;
  /// The parameter that is the counter's address, or -1.
  int counter = -1;
};

/// Everything that tells one call of a kernel from another.
class LaunchKey {
public:
  /// False, and the key is of no use, for calls that are wrong on the face of
  /// it or have more arguments than are worth keeping.
  bool set(const Argument *arguments, size_t count, cuda::CUstream stream,
           cuda::CUcontext current);

  bool operator==(const LaunchKey &other) const;
  size_t hash() const;

private:
  static constexpr size_t kMaxWords = 128;

  bool add(uint64_t word) {
    if (size == kMaxWords)
      return false;
    words[size++] = word;
    return true;
  }

  size_t size = 0;
  uint64_t words[kMaxWords];
};

/// The launches of one call.
struct LaunchPlan {
  LaunchKey key;
  ContextState *context = nullptr;
  size_t variant = 0;
  std::vector<std::unique_ptr<PlannedLaunch>> launches;
};

/// The latest plans of a kernel. Thread-safe.
class LaunchPlanCache {
public:
  std::shared_ptr<const LaunchPlan> find(const LaunchKey &key) const;
  void insert(std::shared_ptr<const LaunchPlan> plan);

private:
  /// A table without chains: one plan displaces another.
  static constexpr size_t kEntries = 64;

  mutable std::shared_mutex mutex;
  std::shared_ptr<const LaunchPlan> entries[kEntries];
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_RUNTIME_LAUNCHPLAN_H
