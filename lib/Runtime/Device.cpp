//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Runtime/Device.h"

#include "Context.h"

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;

Result<int> sigmoid_attn::countDevices() {
  Result<const Driver *> driver = Driver::get();
  if (!driver.ok())
    return driver.status();
  int count = 0;
  Status status =
      (*driver)->check((*driver)->deviceGetCount(&count), "cuDeviceGetCount");
  if (!status.ok())
    return status;
  return count;
}

/// Success if there is a driver and a device of this number.
static Status checkOrdinal(int ordinal) {
  Result<int> count = countDevices();
  if (!count.ok())
    return count.status();
  if (ordinal < 0 || ordinal >= *count)
    return Status::unavailable("expected a device from 0 to " +
                               std::to_string(*count - 1) + ", got " +
                               std::to_string(ordinal));
  return Status::success();
}

Result<DeviceInfo> sigmoid_attn::describeDevice(int ordinal) {
  if (Status status = checkOrdinal(ordinal); !status.ok())
    return status;
  const Driver &driver = **Driver::get();
  CUdevice handle = 0;
  int major = 0, minor = 0;
  char name[256] = "";
  Status status =
      driver.check(driver.deviceGet(&handle, ordinal), "cuDeviceGet");
  auto check = [&](CUresult result, const char *call) {
    if (status.ok())
      status = driver.check(result, call);
  };
  check(driver.deviceGetAttribute(
            &major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, handle),
        "cuDeviceGetAttribute");
  check(driver.deviceGetAttribute(
            &minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, handle),
        "cuDeviceGetAttribute");
  check(driver.deviceGetName(name, sizeof(name), handle), "cuDeviceGetName");
  if (!status.ok())
    return status.withContext("device " + std::to_string(ordinal));
  return DeviceInfo{name, 10 * major + minor};
}

Result<Device> Device::open(int ordinal) {
  if (Status status = checkOrdinal(ordinal); !status.ok())
    return status;
  const Driver &driver = **Driver::get();
  Result<CUcontext> context = getPrimaryContext(driver, ordinal);
  if (!context.ok())
    return context.status();
  CurrentContext current(driver, *context);
  if (!current.status().ok())
    return current.status();
  Result<ContextState *> state = getContextState(driver, *context);
  if (!state.ok())
    return state.status();
  Device device;
  device.number = ordinal;
  device.deviceName = (*state)->deviceName;
  device.multiprocessors = (*state)->smCount;
  device.capability = (*state)->computeCapability;
  device.context = *context;
  return device;
}

/// Runs `call(driver)` with `context` current.
template <typename Call>
static Status runIn(void *context, const char *name, Call call) {
  const Driver &driver = **Driver::get();
  CurrentContext current(driver, static_cast<CUcontext>(context));
  if (!current.status().ok())
    return current.status();
  return driver.check(call(driver), name);
}

Result<void *> Device::allocateRaw(size_t bytes) const {
  CUdeviceptr address = 0;
  if (bytes == 0)
    return static_cast<void *>(nullptr);
  Status status = runIn(context, "cuMemAlloc", [&](const Driver &driver) {
    return driver.memAlloc(&address, bytes);
  });
  if (!status.ok())
    return status.withContext(std::to_string(bytes) + " bytes on device " +
                              std::to_string(number));
  return reinterpret_cast<void *>(address);
}

Result<DeviceBuffer> Device::allocate(size_t bytes) const {
  Result<void *> address = allocateRaw(bytes);
  if (!address.ok())
    return address.status();
  DeviceBuffer buffer;
  buffer.device = *this;
  buffer.address = *address;
  buffer.bytes = bytes;
  return buffer;
}

Status Device::free(void *address) const {
  if (!address)
    return Status::success();
  return runIn(context, "cuMemFree", [&](const Driver &driver) {
    return driver.memFree(reinterpret_cast<CUdeviceptr>(address));
  });
}

Status Device::copyFromHost(void *target, const void *source,
                            size_t count) const {
  if (count == 0)
    return Status::success();
  return runIn(context, "cuMemcpyHtoD", [&](const Driver &driver) {
    return driver.memcpyHtoD(reinterpret_cast<CUdeviceptr>(target), source,
                             count);
  });
}

Status Device::copyToHost(void *target, const void *source,
                          size_t count) const {
  if (count == 0)
    return Status::success();
  return runIn(context, "cuMemcpyDtoH", [&](const Driver &driver) {
    return driver.memcpyDtoH(target, reinterpret_cast<CUdeviceptr>(source),
                             count);
  });
}

Status Device::synchronize() const {
  return runIn(context, "cuCtxSynchronize",
               [](const Driver &driver) { return driver.ctxSynchronize(); });
}

static Status checkCount(size_t count, size_t size) {
  if (count <= size)
    return Status::success();
  return Status::invalidArgument("expected at most the buffer's " +
                                 std::to_string(size) + " bytes, got " +
                                 std::to_string(count));
}

Status DeviceBuffer::copyFromHost(const void *source, size_t count) {
  Status status = checkCount(count, bytes);
  return status.ok() ? device.copyFromHost(address, source, count) : status;
}

Status DeviceBuffer::copyToHost(void *target, size_t count) const {
  Status status = checkCount(count, bytes);
  return status.ok() ? device.copyToHost(target, address, count) : status;
}
