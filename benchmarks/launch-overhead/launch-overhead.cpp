//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures what a cached launch costs the host, on the default stream and on
// another one, and beside it what the driver's own calls cost: a bare
// cuLaunchKernelEx of an empty kernel with parameters of the same size is the
// floor.
//
//   sigmoid-attn-launch-overhead KERNEL.sak
//
//===----------------------------------------------------------------------===//

#include "Context.h"

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

/// Times `queue` in batches, with the device waited for after each, and prints
/// microseconds a call.
template <typename Queue>
static Status time(const char *name, const Device &device, Queue queue) {
  Status status;
  std::vector<double> microseconds;
  for (int batch = 0; batch < kBatches && status.ok(); ++batch) {
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kLaunches && status.ok(); ++i)
      status = queue();
    std::chrono::duration<double, std::micro> elapsed =
        std::chrono::steady_clock::now() - start;
    if (status.ok())
      status = device.synchronize();
    // The first batch loads code and fills caches.
    if (batch > 0)
      microseconds.push_back(elapsed.count() / kLaunches);
  }
  if (!status.ok())
    return status;
  std::sort(microseconds.begin(), microseconds.end());
  std::printf("%-52s %6.2f us [%.2f-%.2f]\n", name,
              microseconds[microseconds.size() / 2], microseconds.front(),
              microseconds.back());
  return status;
}

/// A kernel that takes as many bytes as attention with four tensor maps.
static constexpr char kEmptyKernel[] = R"(.version 8.0
.target sm_90
.address_size 64
.visible .entry empty(.param .align 64 .b8 maps[512], .param .align 8 .b8 rest[64])
.maxntid 384, 1, 1
{
  ret;
}
)";

static Status timeBareLaunch(const cuda::Driver &driver, const Device &device,
                             cuda::CUstream stream, const char *name) {
  cuda::CUmodule module = nullptr;
  cuda::CUfunction function = nullptr;
  Status status = driver.check(
      driver.moduleLoadDataEx(&module, kEmptyKernel, 0, nullptr, nullptr),
      "cuModuleLoadDataEx");
  if (status.ok())
    status = driver.check(driver.moduleGetFunction(&function, module, "empty"),
                          "cuModuleGetFunction");
  alignas(64) char maps[512] = {}, rest[64] = {};
  void *parameters[] = {maps, rest};
  cuda::CUlaunchConfig config = {};
  config.gridDimX = config.gridDimY = config.gridDimZ = 1;
  config.blockDimX = 384;
  config.blockDimY = config.blockDimZ = 1;
  config.hStream = stream;
  if (status.ok())
    status = time(name, device, [&] {
      return driver.check(
          driver.launchKernelEx(&config, function, parameters, nullptr),
          "cuLaunchKernelEx");
    });
  (void)driver.moduleUnload(module);
  return status;
}

/// The driver's calls that a launch makes or used to make.
static Status timeDriver(const cuda::Driver &driver, const Device &device,
                         cuda::CUstream stream, void *address) {
  Status status = timeBareLaunch(driver, device, nullptr,
                                 "bare cuLaunchKernelEx, default stream");
  if (status.ok())
    status = timeBareLaunch(driver, device, stream,
                            "bare cuLaunchKernelEx, another stream");
  auto timeCall = [&](const char *name, auto call) {
    if (status.ok())
      status = time(name, device, [&] { return driver.check(call(), name); });
  };
  cuda::CUcontext context = nullptr;
  timeCall("cuCtxGetCurrent", [&] { return driver.ctxGetCurrent(&context); });
  timeCall("cuStreamGetCaptureInfo", [&] {
    int capture = 0;
    uint64_t id = 0;
    cuda::CUgraph graph = nullptr;
    return driver.streamGetCaptureInfo(stream, &capture, &id, &graph, nullptr,
                                       nullptr);
  });
  timeCall("cuStreamGetId", [&] {
    unsigned long long id = 0;
    return driver.streamGetId(stream, &id);
  });
  timeCall("cuPointerGetAttributes", [&] {
    int type = 0, ordinal = 0;
    int attributes[] = {cuda::CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
                        cuda::CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL};
    void *values[] = {&type, &ordinal};
    return driver.pointerGetAttributes(
        2, attributes, values, reinterpret_cast<cuda::CUdeviceptr>(address));
  });
  return status;
}

static Status measure(const char *path) {
  Result<std::shared_ptr<Kernel>> kernel = Kernel::load(path);
  if (!kernel.ok())
    return kernel.status();
  Result<Device> device = Device::open(0);
  if (!device.ok())
    return device.status();
  const cuda::Driver &driver = **cuda::Driver::get();
  Result<cuda::CUcontext> context = getPrimaryContext(driver, 0);
  if (!context.ok())
    return context.status();
  CurrentContext current(driver, *context);
  Call call;
  Status status = makeCall((*kernel)->recipe(), *device, call);
  cuda::CUstream stream = nullptr;
  if (status.ok())
    status =
        driver.check(driver.streamCreate(&stream, cuda::CU_STREAM_NON_BLOCKING),
                     "cuStreamCreate");
  if (!status.ok())
    return status;
  std::printf("%s on %s; medians of %d batches of %d [lowest-highest]\n",
              (*kernel)->recipe().name.c_str(), device->name().c_str(),
              kBatches - 1, kLaunches);
  for (cuda::CUstream used : {cuda::CUstream(nullptr), stream})
    if (status.ok())
      status = time(used ? "launch, another stream" : "launch, default stream",
                    *device, [&] {
                      return (*kernel)->launch(call.arguments.data(),
                                               call.arguments.size(), used);
                    });
  if (status.ok())
    status = timeDriver(driver, *device, stream, call.arguments[0].data);
  return status;
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
