//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Device code into contexts: modules loaded, functions found and set up.
//
//===----------------------------------------------------------------------===//

#include "KernelImpl.h"
#include "sigmoid-attn/Support/Log.h"

#include <cstdlib>

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;

/// More blocks a cluster than this need the function's permission (CUDA C++
/// Programming Guide, "Thread Block Clusters").
static constexpr int kPortableClusterBlocks = 8;

/// Success if code for `chip` (`sm_90a`) runs on the context's device.
static Status checkChip(const Recipe &recipe, const ContextState &context) {
  const std::string &chip = recipe.chip;
  char *suffix = nullptr;
  bool isChip = chip.compare(0, 3, "sm_") == 0;
  long wanted = isChip ? strtol(chip.c_str() + 3, &suffix, 10) : 0;
  int found = context.computeCapability;
  // A suffix ties the code to one chip; otherwise later minor versions run it.
  bool runs =
      isChip && (*suffix ? found == wanted
                         : found / 10 == wanted / 10 && found >= wanted);
  if (runs)
    return Status::success();
  return Status::unavailable(
      recipe.name + ": expected a GPU that runs " + chip +
      " code, got device " + std::to_string(context.device) + ", " +
      context.deviceName + " (sm_" + std::to_string(found) +
      "); compile for this chip, or use another device or the CPU");
}

static const char *getAdvice(CUresult result) {
  if (result == CUDA_ERROR_UNSUPPORTED_PTX_VERSION)
    return "; the driver is older than the PTX: update it, or pack a cubin "
           "with the kernel (format=bin)";
  return "";
}

/// Loads `image` and returns the driver's log beside its text on failure.
static Status loadImage(const Driver &driver, const std::string &image,
                        const char *what, CUmodule &module) {
  char errors[4096] = "";
  int options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void *values[] = {errors, reinterpret_cast<void *>(sizeof(errors) - 1)};
  CUresult result =
      driver.moduleLoadDataEx(&module, image.c_str(), 2, options, values);
  Status status = driver.check(result, "cuModuleLoadDataEx");
  if (status.ok())
    return status;
  std::string message = std::string(what) + ": " + status.message();
  message += getAdvice(result);
  if (*errors)
    message += std::string("; ") + errors;
  return Status::runtimeError(std::move(message));
}

Status Kernel::Impl::loadModule(const Driver &driver, LoadedCode &code) const {
  if (!file.cubin.empty()) {
    Status status = loadImage(driver, file.cubin, "cubin", code.module);
    if (status.ok() || file.ptx.empty())
      return status;
    log(entry.name + ": " + status.message() + "; trying the PTX");
  }
  return loadImage(driver, file.ptx, "PTX", code.module);
}

Status Kernel::Impl::loadFunctions(const Driver &driver,
                                   LoadedCode &code) const {
  for (const RecipeVariant &variant : entry.variants) {
    code.functions.emplace_back();
    for (const RecipeLaunch &launch : variant.launches) {
      CUfunction function = nullptr;
      Status status =
          driver.check(driver.moduleGetFunction(&function, code.module,
                                                launch.kernel.c_str()),
                       "cuModuleGetFunction");
      if (status.ok() && launch.sharedMemory > 0)
        status = driver.check(
            driver.funcSetAttribute(
                function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                static_cast<int>(launch.sharedMemory)),
            ("cuFuncSetAttribute of " + std::to_string(launch.sharedMemory) +
             " bytes of shared memory")
                .c_str());
      const auto &cluster = launch.cluster;
      if (status.ok() &&
          cluster[0] * cluster[1] * cluster[2] > kPortableClusterBlocks)
        status = driver.check(
            driver.funcSetAttribute(
                function, CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED,
                1),
            "cuFuncSetAttribute of a cluster of more than 8 blocks");
      if (!status.ok())
        return status.withContext("kernel " + launch.kernel);
      code.functions.back().push_back(function);
    }
  }
  return Status::success();
}

Result<LoadedCode *> Kernel::Impl::getCode(const Driver &driver,
                                           const ContextState &context) {
  auto find = [&]() -> LoadedCode * {
    for (const auto &code : loaded)
      if (code->contextId == context.id)
        return code.get();
    return nullptr;
  };
  {
    std::shared_lock<std::shared_mutex> lock(mutex);
    if (LoadedCode *code = find())
      return code;
  }
  std::unique_lock<std::shared_mutex> lock(mutex);
  if (LoadedCode *code = find())
    return code;
  Status status = checkChip(entry, context);
  if (!status.ok())
    return status;
  RelaxedCapture relaxed(driver);
  auto code = std::make_unique<LoadedCode>();
  code->contextId = context.id;
  code->context = context.handle;
  status = loadModule(driver, *code);
  if (status.ok()) {
    status = loadFunctions(driver, *code);
    if (!status.ok())
      (void)driver.moduleUnload(code->module);
  }
  if (!status.ok())
    return status.withContext(entry.name);
  if (isLogEnabled())
    log(entry.name + ": loaded into device " + std::to_string(context.device) +
        ", " + context.deviceName);
  loaded.push_back(std::move(code));
  return loaded.back().get();
}

Kernel::Impl::~Impl() {
  if (loaded.empty())
    return;
  Result<const Driver *> driver = Driver::get();
  for (const auto &code : loaded) {
    // A context that is gone took its modules along.
    if (!ContextState::isContext(**driver, code->context, code->contextId))
      continue;
    CurrentContext current(**driver, code->context);
    if (current.status().ok())
      (void)(*driver)->moduleUnload(code->module);
  }
}
