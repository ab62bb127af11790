//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Devices and their memory, for programs that have no other CUDA library. A
/// program that has one (PyTorch, the CUDA runtime) passes its own pointers.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_RUNTIME_DEVICE_H
#define SIGMOID_ATTN_RUNTIME_DEVICE_H

#include "sigmoid-attn/Support/Status.h"

#include <cstddef>
#include <string>
#include <utility>

namespace sigmoid_attn {

/// The number of GPUs; Unavailable with what to do if there is no driver or no
/// GPU.
Result<int> countDevices();

/// What a GPU is.
struct DeviceInfo {
  std::string name;
  /// 90 for 9.0.
  int computeCapability = 0;
};

/// Looks at a GPU without making a context on it.
Result<DeviceInfo> describeDevice(int ordinal);

class DeviceBuffer;

/// One GPU, by its primary context.
class Device {
public:
  static Result<Device> open(int ordinal);

  int ordinal() const { return number; }
  const std::string &name() const { return deviceName; }
  int smCount() const { return multiprocessors; }
  /// 90 for 9.0.
  int computeCapability() const { return capability; }

  /// Uninitialised memory; size 0 gives a null buffer.
  Result<DeviceBuffer> allocate(size_t bytes) const;

  /// Memory that the caller gives back with free(); null for size 0.
  Result<void *> allocateRaw(size_t bytes) const;
  Status free(void *address) const;

  /// Copies that wait until they are done.
  Status copyFromHost(void *target, const void *source, size_t count) const;
  Status copyToHost(void *target, const void *source, size_t count) const;

  /// Waits for everything on the device, and reports what failed there.
  Status synchronize() const;

private:
  friend class DeviceBuffer;
  Device() = default;

  int number = 0;
  std::string deviceName;
  int multiprocessors = 0;
  int capability = 0;
  void *context = nullptr;
};

/// Owned device memory.
class DeviceBuffer {
public:
  DeviceBuffer() = default;
  DeviceBuffer(DeviceBuffer &&other) { swap(other); }
  DeviceBuffer &operator=(DeviceBuffer &&other) {
    swap(other);
    return *this;
  }
  ~DeviceBuffer() {
    if (address)
      (void)device.free(address);
  }

  void *data() const { return address; }
  size_t size() const { return bytes; }

  /// Copies `count` bytes, at most the size, and waits for the copy.
  Status copyFromHost(const void *source, size_t count);
  Status copyToHost(void *target, size_t count) const;

private:
  friend class Device;
  void swap(DeviceBuffer &other) {
    std::swap(device, other.device);
    std::swap(address, other.address);
    std::swap(bytes, other.bytes);
  }

  Device device;
  void *address = nullptr;
  size_t bytes = 0;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_RUNTIME_DEVICE_H
