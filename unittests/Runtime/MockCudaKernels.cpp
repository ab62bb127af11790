//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The stand-in's modules, functions, launches and tensor maps.
//
//===----------------------------------------------------------------------===//

#include "MockCudaCall.h"

#include <cstring>

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;
using namespace sigmoid_attn::test;

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
  MockLaunch launch = {nameOf(function),
                       {config->gridDimX, config->gridDimY, config->gridDimZ},
                       config->blockDimX,
                       config->sharedMemBytes,
                       {1, 1, 1},
                       config->hStream,
                       getCurrentContext(),
                       {}};
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

} // extern "C"
