//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The stand-in's device memory, which is the host's.
//
//===----------------------------------------------------------------------===//

#include "MockCudaCall.h"

#include <cstdlib>
#include <cstring>

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;
using namespace sigmoid_attn::test;

extern "C" {

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
