//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The part of the CUDA driver API that the runtime uses, declared here so that
/// nothing of CUDA is needed to build, and found in libcuda at run time. Names
/// and values are those of cuda.h.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_RUNTIME_DRIVER_H
#define SIGMOID_ATTN_LIB_RUNTIME_DRIVER_H

#include "sigmoid-attn/Support/Status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace sigmoid_attn::cuda {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = uint64_t;
using CUcontext = struct CUctx_st *;
using CUmodule = struct CUmod_st *;
using CUfunction = struct CUfunc_st *;
using CUstream = struct CUstream_st *;
using CUgraph = struct CUgraph_st *;
using CUuserObject = struct CUuserObject_st *;

struct alignas(64) CUtensorMap {
  uint64_t opaque[16];
};

struct CUlaunchAttribute {
  int id;
  char pad[4];
  union {
    char padding[64];
    struct {
      unsigned x, y, z;
    } clusterDim;
  } value;
};

struct CUlaunchConfig {
  unsigned gridDimX, gridDimY, gridDimZ;
  unsigned blockDimX, blockDimY, blockDimZ;
  unsigned sharedMemBytes;
  CUstream hStream;
  CUlaunchAttribute *attrs;
  unsigned numAttrs;
};

enum : CUresult {
  CUDA_SUCCESS = 0,
  CUDA_ERROR_NO_DEVICE = 100,
  CUDA_ERROR_INVALID_PTX = 218,
  CUDA_ERROR_UNSUPPORTED_PTX_VERSION = 222,
};
enum {
  CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
};
enum {
  CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
  CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED = 14,
};
enum { CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION = 4 };
enum {
  CU_POINTER_ATTRIBUTE_MEMORY_TYPE = 2,
  CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL = 9
};
enum { CU_MEMORYTYPE_DEVICE = 2 };
enum { CU_JIT_ERROR_LOG_BUFFER = 5, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6 };
enum { CU_STREAM_NON_BLOCKING = 1 };
enum { CU_STREAM_CAPTURE_STATUS_NONE = 0, CU_STREAM_CAPTURE_STATUS_ACTIVE = 1 };
enum { CU_STREAM_CAPTURE_MODE_RELAXED = 2 };
enum { CU_USER_OBJECT_NO_DESTRUCTOR_SYNC = 1, CU_GRAPH_USER_OBJECT_MOVE = 1 };
enum {
  CU_TENSOR_MAP_DATA_TYPE_INT32 = 3,
  CU_TENSOR_MAP_DATA_TYPE_INT64 = 5,
  CU_TENSOR_MAP_DATA_TYPE_FLOAT16 = 6,
  CU_TENSOR_MAP_DATA_TYPE_FLOAT32 = 7,
  CU_TENSOR_MAP_DATA_TYPE_FLOAT64 = 8,
  CU_TENSOR_MAP_DATA_TYPE_BFLOAT16 = 9,
  CU_TENSOR_MAP_DATA_TYPE_UINT8 = 0,
  CU_TENSOR_MAP_DATA_TYPE_UINT16 = 1,
};

/// Every function: field, symbol in libcuda, type.
#define SIGMOID_ATTN_DRIVER_FUNCTIONS(X)                                       \
  X(init, "cuInit", CUresult(unsigned))                                        \
  X(driverGetVersion, "cuDriverGetVersion", CUresult(int *))                   \
  X(getErrorName, "cuGetErrorName", CUresult(CUresult, const char **))         \
  X(getErrorString, "cuGetErrorString", CUresult(CUresult, const char **))     \
  X(deviceGetCount, "cuDeviceGetCount", CUresult(int *))                       \
  X(deviceGet, "cuDeviceGet", CUresult(CUdevice *, int))                       \
  X(deviceGetName, "cuDeviceGetName", CUresult(char *, int, CUdevice))         \
  X(deviceGetAttribute, "cuDeviceGetAttribute",                                \
    CUresult(int *, int, CUdevice))                                            \
  X(primaryCtxRetain, "cuDevicePrimaryCtxRetain",                              \
    CUresult(CUcontext *, CUdevice))                                           \
  X(primaryCtxRelease, "cuDevicePrimaryCtxRelease_v2", CUresult(CUdevice))     \
  X(ctxGetCurrent, "cuCtxGetCurrent", CUresult(CUcontext *))                   \
  X(ctxGetDevice, "cuCtxGetDevice", CUresult(CUdevice *))                      \
  X(ctxGetId, "cuCtxGetId", CUresult(CUcontext, unsigned long long *))         \
  X(ctxPushCurrent, "cuCtxPushCurrent_v2", CUresult(CUcontext))                \
  X(ctxPopCurrent, "cuCtxPopCurrent_v2", CUresult(CUcontext *))                \
  X(ctxSynchronize, "cuCtxSynchronize", CUresult())                            \
  X(streamCreate, "cuStreamCreate", CUresult(CUstream *, unsigned))            \
  X(streamDestroy, "cuStreamDestroy_v2", CUresult(CUstream))                   \
  X(streamSynchronize, "cuStreamSynchronize", CUresult(CUstream))              \
  X(streamGetCtx, "cuStreamGetCtx", CUresult(CUstream, CUcontext *))           \
  X(streamGetId, "cuStreamGetId", CUresult(CUstream, unsigned long long *))    \
  X(streamGetCaptureInfo, "cuStreamGetCaptureInfo_v2",                         \
    CUresult(CUstream, int *, uint64_t *, CUgraph *, const void **, size_t *)) \
  X(threadExchangeStreamCaptureMode, "cuThreadExchangeStreamCaptureMode",      \
    CUresult(int *))                                                           \
  X(userObjectCreate, "cuUserObjectCreate",                                    \
    CUresult(CUuserObject *, void *, void (*)(void *), unsigned, unsigned))    \
  X(userObjectRelease, "cuUserObjectRelease",                                  \
    CUresult(CUuserObject, unsigned))                                          \
  X(graphRetainUserObject, "cuGraphRetainUserObject",                          \
    CUresult(CUgraph, CUuserObject, unsigned, unsigned))                       \
  X(moduleLoadDataEx, "cuModuleLoadDataEx",                                    \
    CUresult(CUmodule *, const void *, unsigned, int *, void **))              \
  X(moduleUnload, "cuModuleUnload", CUresult(CUmodule))                        \
  X(moduleGetFunction, "cuModuleGetFunction",                                  \
    CUresult(CUfunction *, CUmodule, const char *))                            \
  X(funcSetAttribute, "cuFuncSetAttribute", CUresult(CUfunction, int, int))    \
  X(launchKernelEx, "cuLaunchKernelEx",                                        \
    CUresult(const CUlaunchConfig *, CUfunction, void **, void **))            \
  X(tensorMapEncodeTiled, "cuTensorMapEncodeTiled",                            \
    CUresult(CUtensorMap *, int, uint32_t, void *, const uint64_t *,           \
             const uint64_t *, const uint32_t *, const uint32_t *, int, int,   \
             int, int))                                                        \
  X(pointerGetAttributes, "cuPointerGetAttributes",                            \
    CUresult(unsigned, int *, void **, CUdeviceptr))                           \
  X(memAlloc, "cuMemAlloc_v2", CUresult(CUdeviceptr *, size_t))                \
  X(memFree, "cuMemFree_v2", CUresult(CUdeviceptr))                            \
  X(memcpyHtoD, "cuMemcpyHtoD_v2",                                             \
    CUresult(CUdeviceptr, const void *, size_t))                               \
  X(memcpyDtoH, "cuMemcpyDtoH_v2", CUresult(void *, CUdeviceptr, size_t))      \
  X(memsetD8Async, "cuMemsetD8Async",                                          \
    CUresult(CUdeviceptr, unsigned char, size_t, CUstream))

/// The loaded, initialised driver.
class Driver {
public:
  /// Loads the library at `path`, finds every function and initialises it. The
  /// messages say what the user can do.
  static Result<std::unique_ptr<Driver>> load(const std::string &path);

  /// The process's driver, loaded by the first call from libcuda.so.1, or from
  /// the library that SIGMOID_ATTN_LIBCUDA names.
  static Result<const Driver *> get();

  /// The process's driver if get() has loaded it, else null; costs nothing.
  static const Driver *getIfLoaded();

  /// Success, or a failure of `call` with the driver's name and text of it.
  Status check(CUresult result, const char *call) const;

  /// The CUDA version that the driver supports: 12030 is 12.3.
  int version() const { return supportedVersion; }

#define SIGMOID_ATTN_DRIVER_FIELD(field, symbol, ...)                          \
  std::add_pointer_t<__VA_ARGS__> field = nullptr;
  SIGMOID_ATTN_DRIVER_FUNCTIONS(SIGMOID_ATTN_DRIVER_FIELD)
#undef SIGMOID_ATTN_DRIVER_FIELD

private:
  Status findFunctions(void *library);
  Status initialize();

  int supportedVersion = 0;
};

/// `12.3` for 12030.
std::string formatVersion(int version);

} // namespace sigmoid_attn::cuda

#endif // SIGMOID_ATTN_LIB_RUNTIME_DRIVER_H
