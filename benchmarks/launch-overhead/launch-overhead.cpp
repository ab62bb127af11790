//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures what a cached launch costs the host: argument checks, variant,
// tensor maps, counter, cuLaunchKernelEx.
//
//   sigmoid-attn-launch-overhead KERNEL.sak
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Runtime/Device.h"
#include "sigmoid-attn/Runtime/Kernel.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

using namespace sigmoid_attn;

/// Launches that are queued before the device is waited for, so few that the
/// queue never fills, and how often that is done.
static constexpr int kLaunches = 200;
static constexpr int kBatches = 101;

namespace {
/// One small call's arguments, on the device.
struct Call {
  std::vector<DeviceBuffer> buffers;
  std::vector<std::vector<int64_t>> shapes;
  std::vector<Argument> arguments;
};
} // namespace

/// Makes arguments for any recipe: named sizes are 1 but for lengths, which are
/// 64; scalars are 0.
static Status makeCall(const Recipe &recipe, const Device &device, Call &call) {
  // The arguments point into the shapes.
  call.shapes.reserve(2 * recipe.arguments.size());
  for (const RecipeArgument &argument : recipe.arguments) {
    bool isInteger =
        argument.type == ElementType::I32 || argument.type == ElementType::I64;
    if (!argument.isTensor) {
      call.arguments.push_back(isInteger ? Argument::scalar(int64_t(0))
                                         : Argument::scalar(0.0));
      continue;
    }
    std::vector<int64_t> sizes;
    for (const std::string &size : argument.shape) {
      bool isLength = size.find("length") != std::string::npos;
      sizes.push_back(isdigit(size[0]) ? atoll(size.c_str())
                                       : (isLength ? 64 : 1));
    }
    int64_t bytes = *countElements(sizes) * getElementSize(argument.type);
    Result<DeviceBuffer> buffer = device.allocate(bytes);
    if (!buffer.ok())
      return buffer.status();
    std::string zeros(bytes, '\0');
    Status status = buffer->copyFromHost(zeros.data(), bytes);
    if (!status.ok())
      return status;
    call.shapes.push_back(sizes);
    call.shapes.push_back(getRowMajorStrides(sizes));
    const std::vector<int64_t> *shape = &call.shapes.back() - 1;
    call.arguments.push_back(Argument::tensor(
        buffer->data(), argument.type, static_cast<int32_t>(sizes.size()),
        shape[0].data(), shape[1].data()));
    call.buffers.push_back(std::move(*buffer));
  }
  return Status::success();
}

static Status measure(const char *path) {
  Result<std::shared_ptr<Kernel>> kernel = Kernel::load(path);
  if (!kernel.ok())
    return kernel.status();
  Result<Device> device = Device::open(0);
  if (!device.ok())
    return device.status();
  Call call;
  Status status = makeCall((*kernel)->recipe(), *device, call);
  std::vector<double> microseconds;
  for (int batch = 0; batch < kBatches && status.ok(); ++batch) {
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kLaunches && status.ok(); ++i)
      status = (*kernel)->launch(call.arguments.data(), call.arguments.size(),
                                 nullptr);
    std::chrono::duration<double, std::micro> time =
        std::chrono::steady_clock::now() - start;
    if (status.ok())
      status = device->synchronize();
    // The first batch loads the code.
    if (batch > 0)
      microseconds.push_back(time.count() / kLaunches);
  }
  if (!status.ok())
    return status;
  std::sort(microseconds.begin(), microseconds.end());
  std::printf("%s on %s: %.2f us a launch [%.2f-%.2f], median of %zu batches "
              "of %d\n",
              (*kernel)->recipe().name.c_str(), device->name().c_str(),
              microseconds[microseconds.size() / 2], microseconds.front(),
              microseconds.back(), microseconds.size(), kLaunches);
  return Status::success();
}

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: sigmoid-attn-launch-overhead KERNEL.sak\n");
    return 1;
  }
  Status status = measure(argv[1]);
  if (status.ok())
    return 0;
  std::fprintf(stderr, "sigmoid-attn-launch-overhead: error: %s\n",
               status.message().c_str());
  return 1;
}
