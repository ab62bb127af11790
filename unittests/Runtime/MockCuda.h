//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// A stand-in for libcuda: a machine with two GPUs that run nothing. It records
/// what the runtime asks of the driver, for tests on machines without one. The
/// runtime loads it when SIGMOID_ATTN_LIBCUDA names it; the tests link it to
/// look at the same state.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_RUNTIME_MOCKCUDA_H
#define SIGMOID_ATTN_UNITTESTS_RUNTIME_MOCKCUDA_H

#include "Driver.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace sigmoid_attn::test {

/// One cuLaunchKernelEx.
struct MockLaunch {
  std::string kernel;
  unsigned grid[3];
  unsigned threads;
  unsigned sharedMemory;
  unsigned cluster[3];
  cuda::CUstream stream;
  cuda::CUcontext context;
  /// By MockCuda::parameterSizes of the kernel.
  std::vector<std::vector<unsigned char>> parameters;
};

/// One cuTensorMapEncodeTiled. The map's first word is its place in the list.
struct MockTensorMap {
  int dataType;
  std::vector<uint64_t> sizes;
  std::vector<uint64_t> strides;
  std::vector<uint32_t> box;
  void *address;
  int swizzle;
  int l2Promotion;
  bool isPlain;
};

/// A memory block of a device.
struct MockMemory {
  int device;
  size_t size;
};

struct MockStream {
  int device;
  unsigned long long id;
  cuda::CUgraph capturing;
};

/// The state of the machine. Tests may change all of it between calls.
struct MockCuda {
  std::mutex mutex;
  int driverVersion = 12040;
  int computeCapability = 90;
  std::map<std::string, int> calls;
  /// The result of every further call of a function.
  std::map<std::string, int> failures;
  std::map<std::string, std::vector<size_t>> parameterSizes;
  std::string compilerLog;

  std::vector<MockLaunch> launches;
  std::vector<MockTensorMap> tensorMaps;
  std::vector<std::string> images;
  /// By kernel.
  std::map<std::string, int> sharedMemoryLimit;
  std::map<std::string, int> clusterPermission;
  int captureMode = 0;
  /// The capture mode at each module load and allocation.
  std::vector<int> modesAtLoad;

  std::map<uint64_t, MockMemory> memory;
  std::map<cuda::CUstream, MockStream> streams;
  /// What is to be called when a graph goes away.
  std::map<cuda::CUgraph, std::vector<std::pair<void (*)(void *), void *>>>
      graphObjects;

  /// Registers memory of `device` at `address`, which no one reads.
  void addMemory(void *address, size_t size, int device) {
    memory[reinterpret_cast<uint64_t>(address)] = {device, size};
  }
  cuda::CUstream addStream(int device);
  void destroyGraph(cuda::CUgraph graph);
  /// As if every context were destroyed and a new one made with its handle.
  void recreateContexts() { ++contextGeneration; }
  unsigned long long contextGeneration = 0;
  /// Back to the first state, but for streams, memory and contexts.
  void reset();
};

/// The machine.
MockCuda &getMockCuda();

/// Makes a device's primary context, or none for -1, current in this thread.
void setCurrentDevice(int device);
/// The device whose context is current, or -1.
int getCurrentDevice();

} // namespace sigmoid_attn::test

#endif // SIGMOID_ATTN_UNITTESTS_RUNTIME_MOCKCUDA_H
