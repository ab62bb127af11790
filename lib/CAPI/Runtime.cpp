//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn-c/Runtime.h"

#include "sigmoid-attn/Runtime/Device.h"
#include "sigmoid-attn/Runtime/Kernel.h"

#include <cstddef>

using namespace sigmoid_attn;

// Arguments are passed on as they are.
static_assert(
    sizeof(SigmoidAttnArgument) == sizeof(Argument) &&
        offsetof(SigmoidAttnArgument, data) == offsetof(Argument, data) &&
        offsetof(SigmoidAttnArgument, strides) == offsetof(Argument, strides) &&
        offsetof(SigmoidAttnArgument, integer) == offsetof(Argument, integer),
    "the C and the C++ argument have one layout");
static_assert(int(SigmoidAttnBF16) == int(ElementType::BF16) &&
                  int(SigmoidAttnF64) == int(ElementType::F64) &&
                  int(SigmoidAttnI64) == int(ElementType::I64),
              "the C and the C++ element types have the same values");

struct SigmoidAttnKernel {
  std::shared_ptr<Kernel> kernel;
  std::string recipe;
};

static thread_local std::string lastError;

/// Keeps the text of a failure for the thread.
static int report(const Status &status) {
  if (!status.ok())
    lastError = status.message();
  return static_cast<int>(status.code());
}

/// Refuses a null where the interface wants a value.
static int reportNull(const char *name) {
  return report(Status::invalidArgument(std::string(name) +
                                        ": expected an address, got null"));
}

static const Argument *convert(const SigmoidAttnArgument *arguments) {
  return reinterpret_cast<const Argument *>(arguments);
}

static int takeKernel(Result<std::shared_ptr<Kernel>> kernel,
                      SigmoidAttnKernel **out) {
  if (kernel.ok())
    *out = new SigmoidAttnKernel{*kernel, printRecipe((*kernel)->recipe())};
  return report(kernel.status());
}

/// Runs `call(device)`, which returns a Status, on an opened device.
template <typename Call> static int withDevice(int ordinal, Call call) {
  Result<Device> device = Device::open(ordinal);
  return report(device.ok() ? call(*device) : device.status());
}

const char *sigmoid_attn_runtime_last_error(void) { return lastError.c_str(); }

int sigmoid_attn_runtime_load_kernel(const char *path,
                                     SigmoidAttnKernel **kernel) {
  return sigmoid_attn_runtime_load_function(path, nullptr, kernel);
}

int sigmoid_attn_runtime_load_function(const char *path, const char *function,
                                       SigmoidAttnKernel **kernel) {
  if (!path || !kernel)
    return reportNull(path ? "kernel" : "path");
  return takeKernel(Kernel::load(path, function ? function : ""), kernel);
}

int sigmoid_attn_runtime_create_kernel(const void *bytes, size_t size,
                                       SigmoidAttnKernel **kernel) {
  return sigmoid_attn_runtime_create_function(bytes, size, nullptr, kernel);
}

int sigmoid_attn_runtime_create_function(const void *bytes, size_t size,
                                         const char *function,
                                         SigmoidAttnKernel **kernel) {
  if (!bytes || !kernel)
    return reportNull(bytes ? "kernel" : "bytes");
  Result<KernelFile> file =
      parseKernelFile({static_cast<const char *>(bytes), size});
  if (!file.ok())
    return report(file.status());
  return takeKernel(Kernel::create(std::move(*file), function ? function : ""),
                    kernel);
}

void sigmoid_attn_runtime_release_kernel(SigmoidAttnKernel *kernel) {
  delete kernel;
}

const char *sigmoid_attn_runtime_get_recipe(const SigmoidAttnKernel *kernel) {
  return kernel ? kernel->recipe.c_str() : "";
}

int sigmoid_attn_runtime_prepare(SigmoidAttnKernel *kernel, int device) {
  return kernel ? report(kernel->kernel->prepare(device))
                : reportNull("kernel");
}

int sigmoid_attn_runtime_check(const SigmoidAttnKernel *kernel,
                               const SigmoidAttnArgument *arguments,
                               size_t count) {
  if (!kernel || (!arguments && count))
    return reportNull(kernel ? "arguments" : "kernel");
  return report(kernel->kernel->check(convert(arguments), count));
}

int sigmoid_attn_runtime_launch(SigmoidAttnKernel *kernel,
                                const SigmoidAttnArgument *arguments,
                                size_t count, void *stream) {
  if (!kernel || (!arguments && count))
    return reportNull(kernel ? "arguments" : "kernel");
  return report(kernel->kernel->launch(convert(arguments), count, stream));
}

int sigmoid_attn_runtime_select_variant(const SigmoidAttnKernel *kernel,
                                        const SigmoidAttnArgument *arguments,
                                        size_t count, int sm_count,
                                        const char **name) {
  if (!kernel || !name || (!arguments && count))
    return reportNull(!kernel ? "kernel" : !name ? "name" : "arguments");
  Result<std::string> found =
      kernel->kernel->selectVariant(convert(arguments), count, sm_count);
  if (found.ok())
    for (const RecipeVariant &variant : kernel->kernel->recipe().variants)
      if (variant.name == *found)
        *name = variant.name.c_str();
  return report(found.status());
}

int sigmoid_attn_runtime_count_devices(int *count) {
  if (!count)
    return reportNull("count");
  Result<int> found = countDevices();
  if (found.ok())
    *count = *found;
  return report(found.status());
}

int sigmoid_attn_runtime_describe_device(int device, int *sm_count,
                                         int *compute_capability) {
  if (!sm_count || !compute_capability)
    return reportNull(sm_count ? "compute_capability" : "sm_count");
  return withDevice(device, [&](const Device &opened) {
    *sm_count = opened.smCount();
    *compute_capability = opened.computeCapability();
    return Status::success();
  });
}

int sigmoid_attn_runtime_allocate(int device, size_t size, void **address) {
  if (!address)
    return reportNull("address");
  return withDevice(device, [&](const Device &opened) {
    Result<void *> block = opened.allocateRaw(size);
    if (block.ok())
      *address = *block;
    return block.status();
  });
}

int sigmoid_attn_runtime_free(int device, void *address) {
  return withDevice(device,
                    [&](const Device &opened) { return opened.free(address); });
}

int sigmoid_attn_runtime_copy_to_device(int device, void *target,
                                        const void *source, size_t size) {
  if (size && (!target || !source))
    return reportNull(target ? "source" : "target");
  return withDevice(device, [&](const Device &opened) {
    return opened.copyFromHost(target, source, size);
  });
}

int sigmoid_attn_runtime_copy_to_host(int device, void *target,
                                      const void *source, size_t size) {
  if (size && (!target || !source))
    return reportNull(target ? "source" : "target");
  return withDevice(device, [&](const Device &opened) {
    return opened.copyToHost(target, source, size);
  });
}

int sigmoid_attn_runtime_synchronize(int device) {
  return withDevice(device,
                    [](const Device &opened) { return opened.synchronize(); });
}
