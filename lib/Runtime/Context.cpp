//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Context.h"

#include <memory>

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;

CurrentContext::CurrentContext(const Driver &driver, CUcontext context)
    : driver(driver) {
  CUcontext current = nullptr;
  result = driver.check(driver.ctxGetCurrent(&current), "cuCtxGetCurrent");
  if (!result.ok() || current == context)
    return;
  result = driver.check(driver.ctxPushCurrent(context), "cuCtxPushCurrent");
  pushed = result.ok();
}

CurrentContext::~CurrentContext() {
  CUcontext popped = nullptr;
  if (pushed)
    (void)driver.ctxPopCurrent(&popped);
}

/// Whether the handle means a default stream: null, or cuda.h's
/// CU_STREAM_LEGACY and CU_STREAM_PER_THREAD.
static bool isDefaultStream(CUstream stream) {
  return reinterpret_cast<uintptr_t>(stream) <= 2;
}

Result<CUcontext> sigmoid_attn::findContext(const Driver &driver,
                                            CUstream stream, int device) {
  CUcontext context = nullptr;
  if (!isDefaultStream(stream)) {
    Status status =
        driver.check(driver.streamGetCtx(stream, &context), "cuStreamGetCtx");
    if (!status.ok())
      return status.withContext("stream");
    return context;
  }
  Status status =
      driver.check(driver.ctxGetCurrent(&context), "cuCtxGetCurrent");
  if (!status.ok())
    return status;
  CUdevice currentDevice = -1;
  if (context && driver.ctxGetDevice(&currentDevice) == CUDA_SUCCESS &&
      currentDevice == device)
    return context;
  return getPrimaryContext(driver, device);
}

namespace {

/// Every context seen so far. Leaked, like the driver.
struct ContextTable {
  std::shared_mutex mutex;
  std::vector<std::unique_ptr<ContextState>> states;

  ContextState *find(unsigned long long id) const {
    for (const auto &state : states)
      if (state->id == id)
        return state.get();
    return nullptr;
  }
};

} // namespace

static ContextTable &getContextTable() {
  static auto *table = new ContextTable;
  return *table;
}

/// Asks the driver for what a new state holds.
static Status describeContext(const Driver &driver, ContextState &state) {
  int major = 0, minor = 0;
  char name[256] = "";
  Status status =
      driver.check(driver.ctxGetDevice(&state.device), "cuCtxGetDevice");
  auto attribute = [&](int &value, int which) {
    if (status.ok())
      status =
          driver.check(driver.deviceGetAttribute(&value, which, state.device),
                       "cuDeviceGetAttribute");
  };
  attribute(state.smCount, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  attribute(major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
  attribute(minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  if (status.ok())
    status =
        driver.check(driver.deviceGetName(name, sizeof(name), state.device),
                     "cuDeviceGetName");
  state.computeCapability = 10 * major + minor;
  state.deviceName = name;
  return status;
}

Result<ContextState *> sigmoid_attn::getContextState(const Driver &driver,
                                                     CUcontext context) {
  // By id and not by handle: a new context may get a destroyed one's handle.
  unsigned long long id = 0;
  Status status = driver.check(driver.ctxGetId(context, &id), "cuCtxGetId");
  if (!status.ok())
    return status;
  ContextTable &table = getContextTable();
  {
    std::shared_lock<std::shared_mutex> lock(table.mutex);
    if (ContextState *state = table.find(id))
      return state;
  }
  std::unique_lock<std::shared_mutex> lock(table.mutex);
  if (ContextState *state = table.find(id))
    return state;
  auto state = std::make_unique<ContextState>(driver);
  state->id = id;
  state->handle = context;
  status = describeContext(driver, *state);
  if (!status.ok())
    return status;
  table.states.push_back(std::move(state));
  return table.states.back().get();
}

Result<CUcontext> sigmoid_attn::getPrimaryContext(const Driver &driver,
                                                  int device) {
  // Retained once: releasing it would destroy the modules of other libraries
  // if ours were the last reference.
  static std::mutex mutex;
  static auto *contexts = new std::unordered_map<int, CUcontext>;
  std::lock_guard<std::mutex> lock(mutex);
  auto found = contexts->find(device);
  if (found != contexts->end())
    return found->second;
  CUdevice handle = 0;
  CUcontext context = nullptr;
  Status status =
      driver.check(driver.deviceGet(&handle, device), "cuDeviceGet");
  if (status.ok())
    status = driver.check(driver.primaryCtxRetain(&context, handle),
                          "cuDevicePrimaryCtxRetain");
  if (!status.ok())
    return status.withContext("device " + std::to_string(device));
  contexts->emplace(device, context);
  return context;
}
