//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The stand-in's state, devices, contexts, streams and graphs.
//
//===----------------------------------------------------------------------===//

#include "MockCudaCall.h"

#include <cstdio>

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;
using namespace sigmoid_attn::test;

static constexpr int kDevices = 2;

MockCuda &test::getMockCuda() {
  static auto *machine = new MockCuda;
  return *machine;
}

static thread_local CUcontext currentContext = nullptr;
static thread_local CUcontext pushedFrom[16];
static thread_local int numPushed = 0;

/// Contexts, functions and modules are numbers in pointers' clothes.
static CUcontext contextOf(int device) {
  return reinterpret_cast<CUcontext>(uintptr_t(0x1000 + device));
}
static int deviceOf(CUcontext context) {
  return static_cast<int>(reinterpret_cast<uintptr_t>(context)) - 0x1000;
}

void test::setCurrentDevice(int device) {
  currentContext = device < 0 ? nullptr : contextOf(device);
}
CUcontext test::getCurrentContext() { return currentContext; }
int test::getCurrentDevice() {
  return currentContext ? deviceOf(currentContext) : -1;
}

CUstream MockCuda::addStream(int device) {
  static unsigned long long next = 100;
  auto stream = reinterpret_cast<CUstream>(uintptr_t(0x5000 + ++next));
  streams[stream] = {device, next, nullptr};
  return stream;
}

void MockCuda::destroyGraph(CUgraph graph) {
  for (auto [destroy, data] : graphObjects[graph])
    destroy(data);
  graphObjects.erase(graph);
}

void MockCuda::reset() {
  driverVersion = 12040;
  computeCapability = 90;
  calls.clear();
  failures.clear();
  compilerLog.clear();
  launches.clear();
  tensorMaps.clear();
  images.clear();
  sharedMemoryLimit.clear();
  clusterPermission.clear();
  modesAtLoad.clear();
}

CUresult test::enter(const char *name) {
  MockCuda &machine = getMockCuda();
  ++machine.calls[name];
  auto failure = machine.failures.find(name);
  return failure == machine.failures.end() ? CUDA_SUCCESS : failure->second;
}

extern "C" {

CUresult cuInit(unsigned) {
  ENTER("cuInit");
  return CUDA_SUCCESS;
}
CUresult cuDriverGetVersion(int *version) {
  ENTER("cuDriverGetVersion");
  *version = machine.driverVersion;
  return CUDA_SUCCESS;
}
CUresult cuGetErrorName(CUresult result, const char **name) {
  *name = result == CUDA_ERROR_NO_DEVICE ? "CUDA_ERROR_NO_DEVICE"
          : result == 1                  ? "CUDA_ERROR_INVALID_VALUE"
          : result == 2                  ? "CUDA_ERROR_OUT_OF_MEMORY"
          : result == 222                ? "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"
                                         : nullptr;
  return CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult result, const char **text) {
  *text = result == CUDA_ERROR_NO_DEVICE ? "no CUDA-capable device is detected"
          : result == 1                  ? "invalid argument"
          : result == 2                  ? "out of memory"
                                         : nullptr;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetCount(int *count) {
  ENTER("cuDeviceGetCount");
  *count = kDevices;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  ENTER("cuDeviceGet");
  *device = ordinal;
  return ordinal < kDevices ? CUDA_SUCCESS : 101;
}
CUresult cuDeviceGetName(char *name, int size, CUdevice device) {
  ENTER("cuDeviceGetName");
  snprintf(name, size, "Mock GPU %d", device);
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int *value, int attribute, CUdevice) {
  ENTER("cuDeviceGetAttribute");
  *value = attribute == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT ? 132
           : attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
               ? machine.computeCapability / 10
               : machine.computeCapability % 10;
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
  ENTER("cuDevicePrimaryCtxRetain");
  *context = contextOf(device);
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) {
  ENTER("cuDevicePrimaryCtxRelease");
  return CUDA_SUCCESS;
}
CUresult cuCtxGetCurrent(CUcontext *context) {
  *context = currentContext;
  return CUDA_SUCCESS;
}
CUresult cuCtxGetDevice(CUdevice *device) {
  *device = getCurrentDevice();
  return currentContext ? CUDA_SUCCESS : 201;
}
CUresult cuCtxGetId(CUcontext context, unsigned long long *id) {
  *id = reinterpret_cast<uintptr_t>(context) +
        (getMockCuda().contextGeneration << 32);
  return CUDA_SUCCESS;
}
CUresult cuCtxPushCurrent_v2(CUcontext context) {
  ENTER("cuCtxPushCurrent");
  pushedFrom[numPushed++] = currentContext;
  currentContext = context;
  return CUDA_SUCCESS;
}
CUresult cuCtxPopCurrent_v2(CUcontext *context) {
  ENTER("cuCtxPopCurrent");
  *context = currentContext;
  currentContext = pushedFrom[--numPushed];
  return CUDA_SUCCESS;
}
CUresult cuCtxSynchronize() {
  ENTER("cuCtxSynchronize");
  return CUDA_SUCCESS;
}
CUresult cuStreamCreate(CUstream *stream, unsigned) {
  ENTER("cuStreamCreate");
  *stream = machine.addStream(getCurrentDevice());
  return CUDA_SUCCESS;
}
CUresult cuStreamDestroy_v2(CUstream stream) {
  ENTER("cuStreamDestroy");
  machine.streams.erase(stream);
  return CUDA_SUCCESS;
}
CUresult cuStreamSynchronize(CUstream) {
  ENTER("cuStreamSynchronize");
  return CUDA_SUCCESS;
}
CUresult cuStreamGetCtx(CUstream stream, CUcontext *context) {
  ENTER("cuStreamGetCtx");
  auto found = machine.streams.find(stream);
  if (found == machine.streams.end())
    return 400;
  *context = contextOf(found->second.device);
  return CUDA_SUCCESS;
}
CUresult cuStreamGetId(CUstream stream, unsigned long long *id) {
  ENTER("cuStreamGetId");
  auto found = machine.streams.find(stream);
  *id = found == machine.streams.end() ? getCurrentDevice() : found->second.id;
  return CUDA_SUCCESS;
}
CUresult cuStreamGetCaptureInfo_v2(CUstream stream, int *status, uint64_t *,
                                   CUgraph *graph, const void **, size_t *) {
  ENTER("cuStreamGetCaptureInfo");
  auto found = machine.streams.find(stream);
  *graph = found == machine.streams.end() ? nullptr : found->second.capturing;
  *status =
      *graph ? CU_STREAM_CAPTURE_STATUS_ACTIVE : CU_STREAM_CAPTURE_STATUS_NONE;
  return CUDA_SUCCESS;
}
CUresult cuThreadExchangeStreamCaptureMode(int *mode) {
  ENTER("cuThreadExchangeStreamCaptureMode");
  std::swap(*mode, machine.captureMode);
  return CUDA_SUCCESS;
}
CUresult cuUserObjectCreate(CUuserObject *object, void *data,
                            void (*destroy)(void *), unsigned, unsigned) {
  ENTER("cuUserObjectCreate");
  *object = reinterpret_cast<CUuserObject>(
      new std::pair<void (*)(void *), void *>(destroy, data));
  return CUDA_SUCCESS;
}
CUresult cuUserObjectRelease(CUuserObject object, unsigned) {
  ENTER("cuUserObjectRelease");
  auto *held = reinterpret_cast<std::pair<void (*)(void *), void *> *>(object);
  held->first(held->second);
  delete held;
  return CUDA_SUCCESS;
}
CUresult cuGraphRetainUserObject(CUgraph graph, CUuserObject object, unsigned,
                                 unsigned) {
  ENTER("cuGraphRetainUserObject");
  auto *held = reinterpret_cast<std::pair<void (*)(void *), void *> *>(object);
  machine.graphObjects[graph].push_back(*held);
  delete held;
  return CUDA_SUCCESS;
}

} // extern "C"
