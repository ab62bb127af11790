//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MockCuda.h"

#include <cstdlib>
#include <cstring>

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

/// Counts a call, and returns the result it is to have.
static CUresult enter(const char *name) {
  MockCuda &machine = getMockCuda();
  ++machine.calls[name];
  auto failure = machine.failures.find(name);
  return failure == machine.failures.end() ? CUDA_SUCCESS : failure->second;
}

#define ENTER(name)                                                            \
  MockCuda &machine = getMockCuda();                                           \
  std::lock_guard<std::mutex> lock(machine.mutex);                             \
  (void)machine;                                                               \
  if (CUresult result = enter(name))                                           \
    return result;

/// Functions live as long as the process: one for each name.
static std::map<std::string, CUfunction> &functionsByName() {
  static auto *functions = new std::map<std::string, CUfunction>;
  return *functions;
}
static std::string nameOf(CUfunction function) {
  for (auto &[name, handle] : functionsByName())
    if (handle == function)
      return name;
  return "";
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
  *id = reinterpret_cast<uintptr_t>(context);
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
CUresult cuGraphRetainUserObject(CUgraph graph, CUuserObject object, unsigned,
                                 unsigned) {
  ENTER("cuGraphRetainUserObject");
  auto *held = reinterpret_cast<std::pair<void (*)(void *), void *> *>(object);
  machine.graphObjects[graph].push_back(*held);
  delete held;
  return CUDA_SUCCESS;
}
CUresult cuModuleLoadDataEx(CUmodule *module, const void *image,
                            unsigned numOptions, int *options, void **values) {
  MockCuda &machine = getMockCuda();
  std::lock_guard<std::mutex> lock(machine.mutex);
  for (unsigned i = 0; i < numOptions; ++i)
    if (options[i] == CU_JIT_ERROR_LOG_BUFFER)
      strcpy(static_cast<char *>(values[i]), machine.compilerLog.c_str());
  machine.modesAtLoad.push_back(machine.captureMode);
  machine.images.push_back(static_cast<const char *>(image));
  if (CUresult result = enter("cuModuleLoadDataEx"))
    return result;
  *module = reinterpret_cast<CUmodule>(uintptr_t(machine.images.size()));
  return CUDA_SUCCESS;
}
CUresult cuModuleUnload(CUmodule) {
  ENTER("cuModuleUnload");
  return CUDA_SUCCESS;
}
CUresult cuModuleGetFunction(CUfunction *function, CUmodule, const char *name) {
  ENTER("cuModuleGetFunction");
  auto handle = reinterpret_cast<CUfunction>(
      uintptr_t(0x9001 + functionsByName().size()));
  // A name keeps the handle of its first use.
  handle = functionsByName().emplace(name, handle).first->second;
  *function = handle;
  return CUDA_SUCCESS;
}
CUresult cuFuncSetAttribute(CUfunction function, int attribute, int value) {
  ENTER("cuFuncSetAttribute");
  auto &table = attribute == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
                    ? machine.sharedMemoryLimit
                    : machine.clusterPermission;
  table[nameOf(function)] = value;
  return CUDA_SUCCESS;
}
CUresult cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction function,
                          void **parameters, void **) {
  ENTER("cuLaunchKernelEx");
  MockLaunch launch = {
      nameOf(function),  {config->gridDimX, config->gridDimY, config->gridDimZ},
      config->blockDimX, config->sharedMemBytes,
      {1, 1, 1},         config->hStream,
      currentContext,    {}};
  for (unsigned i = 0; i < config->numAttrs; ++i)
    if (config->attrs[i].id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION)
      memcpy(launch.cluster, &config->attrs[i].value.clusterDim,
             sizeof(launch.cluster));
  const auto &sizes = machine.parameterSizes[launch.kernel];
  for (size_t i = 0; i < sizes.size(); ++i) {
    auto *bytes = static_cast<unsigned char *>(parameters[i]);
    launch.parameters.emplace_back(bytes, bytes + sizes[i]);
  }
  machine.launches.push_back(std::move(launch));
  return CUDA_SUCCESS;
}
CUresult cuTensorMapEncodeTiled(CUtensorMap *map, int dataType, uint32_t rank,
                                void *address, const uint64_t *sizes,
                                const uint64_t *strides, const uint32_t *box,
                                const uint32_t *elementStrides, int interleave,
                                int swizzle, int l2Promotion, int fill) {
  ENTER("cuTensorMapEncodeTiled");
  bool isPlain = interleave == 0 && fill == 0;
  for (uint32_t i = 0; i < rank; ++i)
    isPlain &= elementStrides[i] == 1;
  *map = {};
  map->opaque[0] = machine.tensorMaps.size();
  machine.tensorMaps.push_back({dataType,
                                {sizes, sizes + rank},
                                {strides, strides + rank - 1},
                                {box, box + rank},
                                address,
                                swizzle,
                                l2Promotion,
                                isPlain});
  return CUDA_SUCCESS;
}
CUresult cuPointerGetAttributes(unsigned count, int *attributes, void **values,
                                CUdeviceptr address) {
  ENTER("cuPointerGetAttributes");
  int type = 0, device = -2;
  for (auto &[start, block] : machine.memory)
    if (address >= start && address < start + block.size) {
      type = CU_MEMORYTYPE_DEVICE;
      device = block.device;
    }
  for (unsigned i = 0; i < count; ++i)
    *static_cast<int *>(values[i]) =
        attributes[i] == CU_POINTER_ATTRIBUTE_MEMORY_TYPE ? type : device;
  return CUDA_SUCCESS;
}
CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t size) {
  ENTER("cuMemAlloc");
  void *block = aligned_alloc(256, (size + 255) / 256 * 256);
  memset(block, 0xa5, size);
  machine.addMemory(block, size, getCurrentDevice());
  machine.modesAtLoad.push_back(machine.captureMode);
  *address = reinterpret_cast<CUdeviceptr>(block);
  return CUDA_SUCCESS;
}
CUresult cuMemFree_v2(CUdeviceptr address) {
  ENTER("cuMemFree");
  machine.memory.erase(address);
  free(reinterpret_cast<void *>(address));
  return CUDA_SUCCESS;
}
CUresult cuMemcpyHtoD_v2(CUdeviceptr target, const void *source, size_t size) {
  ENTER("cuMemcpyHtoD");
  memcpy(reinterpret_cast<void *>(target), source, size);
  return CUDA_SUCCESS;
}
CUresult cuMemcpyDtoH_v2(void *target, CUdeviceptr source, size_t size) {
  ENTER("cuMemcpyDtoH");
  memcpy(target, reinterpret_cast<void *>(source), size);
  return CUDA_SUCCESS;
}
CUresult cuMemsetD8Async(CUdeviceptr target, unsigned char value, size_t size,
                         CUstream) {
  ENTER("cuMemsetD8Async");
  memset(reinterpret_cast<void *>(target), value, size);
  return CUDA_SUCCESS;
}

} // extern "C"
