//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include "sigmoid-attn/Support/Log.h"

#include <atomic>
#include <cstdlib>

#include <dlfcn.h>

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;

/// Tensor maps and launches with clusters came with CUDA 12.0.
static constexpr int kMinimumVersion = 12000;
static constexpr const char *kUpdateAdvice =
    "update the NVIDIA driver to version 545 or newer (CUDA 12.3)";

std::string cuda::formatVersion(int version) {
  return std::to_string(version / 1000) + "." +
         std::to_string(version % 1000 / 10);
}

Status Driver::check(CUresult result, const char *call) const {
  if (result == CUDA_SUCCESS)
    return Status::success();
  const char *name = nullptr, *text = nullptr;
  getErrorName(result, &name);
  getErrorString(result, &text);
  std::string message = std::string(call) + " failed: ";
  message += name ? name : "error " + std::to_string(result);
  if (text)
    message += std::string(" (") + text + ")";
  return Status::runtimeError(std::move(message));
}

Status Driver::findFunctions(void *library) {
  std::string missing;
  auto find = [&](const char *symbol) {
    void *address = dlsym(library, symbol);
    if (!address && missing.empty())
      missing = symbol;
    return address;
  };
#define SIGMOID_ATTN_FIND(field, symbol, ...)                                  \
  field = reinterpret_cast<decltype(field)>(find(symbol));
  SIGMOID_ATTN_DRIVER_FUNCTIONS(SIGMOID_ATTN_FIND)
#undef SIGMOID_ATTN_FIND
  if (missing.empty())
    return Status::success();
  return Status::unavailable("the NVIDIA driver is too old: it has no " +
                             missing + "; " + kUpdateAdvice);
}

Status Driver::initialize() {
  CUresult result = init(0);
  if (result == CUDA_ERROR_NO_DEVICE)
    return Status::unavailable(
        "no NVIDIA GPU: " + check(result, "cuInit").message() +
        "; see what nvidia-smi lists, and unset "
        "CUDA_VISIBLE_DEVICES if it hides the GPU");
  if (result != CUDA_SUCCESS)
    return Status::unavailable("the NVIDIA driver does not start: " +
                               check(result, "cuInit").message() +
                               "; see what nvidia-smi says");
  Status status =
      check(driverGetVersion(&supportedVersion), "cuDriverGetVersion");
  if (status.ok() && supportedVersion < kMinimumVersion)
    return Status::unavailable(
        "the NVIDIA driver is too old: expected support for CUDA " +
        formatVersion(kMinimumVersion) + " or newer, got " +
        formatVersion(supportedVersion) + "; " + kUpdateAdvice);
  return status;
}

Result<std::unique_ptr<Driver>> Driver::load(const std::string &path) {
  // Never unloaded: contexts and modules of the whole process live in it.
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    return Status::unavailable(
        "no NVIDIA driver: " + std::string(reason ? reason : path) +
        "; install the NVIDIA driver, version 545 or newer, or use the CPU");
  }
  std::unique_ptr<Driver> driver(new Driver);
  // An old driver lacks functions and says why by its version, so that the
  // missing function is the second thing to look at.
  Status found = driver->findFunctions(library);
  if (driver->init && driver->driverGetVersion && driver->getErrorName &&
      driver->getErrorString) {
    Status status = driver->initialize();
    if (!status.ok())
      return status;
  }
  if (!found.ok())
    return found;
  if (isLogEnabled())
    log("loaded " + path + ", which supports CUDA " +
        formatVersion(driver->version()));
  return driver;
}

static std::atomic<const Driver *> loadedDriver{nullptr};

const Driver *Driver::getIfLoaded() {
  return loadedDriver.load(std::memory_order_acquire);
}

Result<const Driver *> Driver::get() {
  static const Result<std::unique_ptr<Driver>> *driver = [] {
    const char *path = std::getenv("SIGMOID_ATTN_LIBCUDA");
    // Leaked: destructors of other statics may still launch or unload.
    return new Result<std::unique_ptr<Driver>>(
        load(path && *path ? path : "libcuda.so.1"));
  }();
  if (!driver->ok())
    return driver->status();
  loadedDriver.store((*driver)->get(), std::memory_order_release);
  return (*driver)->get();
}
