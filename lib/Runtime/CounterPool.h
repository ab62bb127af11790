//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Words in device memory for kernels that hand out their tiles dynamically.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_RUNTIME_COUNTERPOOL_H
#define SIGMOID_ATTN_LIB_RUNTIME_COUNTERPOOL_H

#include "Driver.h"

#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

namespace sigmoid_attn {

/// Hands each launch a slot of zeroed words that no launch running beside it
/// has. Kernels leave their slot zero, so launches of one stream, which run one
/// after the other, share one; a launch captured in a graph has one of its own,
/// because the graph may run beside anything, and gives it back when the graph
/// is destroyed. Thread-safe; belongs to one context and lives as long as the
/// process.
class CounterPool {
public:
  /// Bytes of a slot: one L2 cache line, which nothing else shares.
  static constexpr size_t kSlotBytes = 128;

  explicit CounterPool(const cuda::Driver &driver) : driver(driver) {}

  /// The slot for a launch on `stream` of the current context.
  Result<cuda::CUdeviceptr> acquire(cuda::CUstream stream);

private:
  Result<cuda::CUdeviceptr> acquireForGraph(cuda::CUgraph graph);
  Result<cuda::CUdeviceptr> takeFree();
  Status grow();

  const cuda::Driver &driver;
  std::shared_mutex mutex;
  /// By stream id, which is never used twice.
  std::unordered_map<unsigned long long, cuda::CUdeviceptr> ofStream;
  std::vector<cuda::CUdeviceptr> freeSlots;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_RUNTIME_COUNTERPOOL_H
