//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The launch path: nothing here allocates or waits once the code is loaded.
//
//===----------------------------------------------------------------------===//

#include "KernelImpl.h"

#include <cstring>
#include <limits>

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;

/// Blocks that a grid may have in each dimension (CUDA C++ Programming Guide,
/// "Compute Capabilities").
static constexpr int64_t kMaxGrid[] = {2147483647, 65535, 65535};
static constexpr const char *kAxes[] = {"x", "y", "z"};

/// Sets `device` to the device that holds the tensors, which must be one.
static Status findDevice(const Driver &driver, const Recipe &recipe,
                         const Argument *arguments, int &device) {
  device = -1;
  for (size_t i = 0; i < recipe.arguments.size(); ++i) {
    const Argument &argument = arguments[i];
    bool isEmpty = !recipe.arguments[i].isTensor;
    for (int32_t d = 0; !isEmpty && d < argument.rank; ++d)
      isEmpty = argument.sizes[d] == 0;
    if (isEmpty)
      continue;
    int memoryType = 0, ordinal = -1;
    int attributes[] = {CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
                        CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL};
    void *values[] = {&memoryType, &ordinal};
    CUresult result = driver.pointerGetAttributes(
        2, attributes, values, reinterpret_cast<CUdeviceptr>(argument.data));
    std::string context = recipe.name + ": " + recipe.arguments[i].name;
    if (result != CUDA_SUCCESS)
      return driver.check(result, "cuPointerGetAttributes")
          .withContext(context);
    if (memoryType != CU_MEMORYTYPE_DEVICE)
      return Status::invalidArgument(context +
                                     ": expected memory of a GPU, got memory "
                                     "of the host");
    if (device >= 0 && ordinal != device)
      return Status::invalidArgument(
          context + ": expected memory of device " + std::to_string(device) +
          ", as of the tensors before, got memory of device " +
          std::to_string(ordinal));
    device = ordinal;
  }
  return Status::success();
}

std::string Kernel::Impl::describe(const Argument *arguments) const {
  std::string out;
  for (size_t i = 0; i < file.recipe.arguments.size(); ++i)
    out += (i ? ", " : "") + file.recipe.arguments[i].name + " " +
           formatArgument(arguments[i]);
  return out;
}

Status Kernel::Impl::launch(const Argument *arguments, size_t count,
                            StreamHandle streamHandle) {
  Binding binding;
  Status status = check(arguments, count, binding);
  if (!status.ok() || binding.nothingToWrite)
    return status;
  Result<const Driver *> driver = Driver::get();
  if (!driver.ok())
    return driver.status();
  int device = -1;
  status = findDevice(**driver, file.recipe, arguments, device);
  if (!status.ok())
    return status;
  auto stream = static_cast<CUstream>(streamHandle);
  Result<CUcontext> context = findContext(**driver, stream, device);
  if (!context.ok())
    return context.status().withContext(file.recipe.name);
  CurrentContext current(**driver, *context);
  if (!current.status().ok())
    return current.status().withContext(file.recipe.name);
  Result<ContextState *> state = getContextState(**driver, *context);
  if (!state.ok())
    return state.status().withContext(file.recipe.name);
  if ((*state)->device != device)
    return Status::invalidArgument(
        file.recipe.name + ": expected a stream of device " +
        std::to_string(device) + ", where the tensors are, got one of device " +
        std::to_string((*state)->device));
  setSMCount(binding, (*state)->smCount);
  Result<size_t> variant = selectVariant(binding);
  if (!variant.ok())
    return variant.status();
  Result<LoadedCode *> code = getCode(**driver, **state);
  if (!code.ok())
    return code.status();
  void *substitute = nullptr;
  for (size_t i = 0; i < count && !substitute; ++i)
    if (file.recipe.arguments[i].access == Access::Write)
      substitute = arguments[i].data;
  return launchVariant(
      {**driver, **state, **code, binding, arguments, stream, substitute},
      *variant);
}

Status Kernel::Impl::launchVariant(const Call &call, size_t variant) {
  const std::vector<CompiledLaunch> &launches = variants[variant].launches;
  // Of several launches none may be queued if a later one cannot be.
  bool rehearses = launches.size() > 1;
  for (bool isRehearsal : {true, false}) {
    if (isRehearsal && !rehearses)
      continue;
    for (size_t i = 0; i < launches.size(); ++i) {
      Status status = launchOne(call, launches[i],
                                call.code.functions[variant][i], isRehearsal);
      if (status.ok())
        continue;
      return Status::error(status.code(), file.recipe.name + ": kernel " +
                                              launches[i].recipe->kernel +
                                              ": " + status.message() + " (" +
                                              describe(call.arguments) + ")");
    }
  }
  return Status::success();
}

Status Kernel::Impl::computeGrid(const Call &call, const CompiledLaunch &launch,
                                 unsigned *grid) const {
  for (int axis = 0; axis < 3; ++axis) {
    int64_t blocks = 0;
    const char *problem =
        launch.grid[axis].evaluate(call.binding.values, blocks);
    if (problem)
      return Status::invalidArgument(std::string("grid ") + kAxes[axis] + ": " +
                                     launch.grid[axis].str() + ": " + problem);
    if (blocks < 1 || blocks > kMaxGrid[axis])
      return Status::invalidArgument(std::string("grid ") + kAxes[axis] +
                                     ": expected 1 to " +
                                     std::to_string(kMaxGrid[axis]) +
                                     " blocks, got " + std::to_string(blocks));
    int cluster = launch.recipe->cluster[axis];
    if (blocks % cluster)
      return Status::invalidArgument(std::string("grid ") + kAxes[axis] +
                                     ": expected a multiple of the "
                                     "cluster's " +
                                     std::to_string(cluster) + " blocks, got " +
                                     std::to_string(blocks));
    grid[axis] = static_cast<unsigned>(blocks);
  }
  return Status::success();
}

Status Kernel::Impl::packValue(const Call &call,
                               const CompiledParameter &parameter,
                               PackedParameters &packed) const {
  const Expression &expression = *parameter.value;
  ElementType type = parameter.recipe->type;
  const char *problem = nullptr;
  if (type == ElementType::F32 || type == ElementType::F64) {
    double value = 0;
    problem = expression.evaluate(call.binding.values, value);
    if (!problem && type == ElementType::F64)
      *static_cast<double *>(packed.add(8, 8)) = value;
    else if (!problem)
      *static_cast<float *>(packed.add(4, 4)) = static_cast<float>(value);
  } else {
    int64_t value = 0;
    problem = expression.evaluate(call.binding.values, value);
    if (!problem && type == ElementType::I64)
      *static_cast<int64_t *>(packed.add(8, 8)) = value;
    else if (!problem && value != static_cast<int32_t>(value))
      problem = "the value does not fit i32";
    else if (!problem)
      *static_cast<int32_t *>(packed.add(4, 4)) = static_cast<int32_t>(value);
  }
  if (problem)
    return Status::invalidArgument("parameter " + std::to_string(packed.count) +
                                   ": " + expression.str() + ": " + problem);
  return Status::success();
}

Status Kernel::Impl::pack(const Call &call, const CompiledParameter &parameter,
                          PackedParameters &packed, bool isRehearsal) const {
  switch (parameter.recipe->kind) {
  case RecipeParameter::Kind::Value:
    return packValue(call, parameter, packed);
  case RecipeParameter::Kind::Pointer:
    *static_cast<void **>(packed.add(8, 8)) =
        call.arguments[parameter.argument].data;
    return Status::success();
  case RecipeParameter::Kind::TensorMap: {
    auto *map = static_cast<CUtensorMap *>(
        packed.add(sizeof(CUtensorMap), alignof(CUtensorMap)));
    return call.code.tensorMaps
        .get(call.driver, *parameter.recipe, call.arguments[parameter.argument],
             call.substitute, *map)
        .withContext("tensor map of " + parameter.recipe->tensor);
  }
  case RecipeParameter::Kind::Counter: {
    auto *address = static_cast<CUdeviceptr *>(packed.add(8, 8));
    if (isRehearsal)
      return Status::success();
    Result<CUdeviceptr> slot = call.context.counters.acquire(call.stream);
    if (slot.ok())
      *address = *slot;
    return slot.status();
  }
  }
  return Status::success();
}

Status Kernel::Impl::launchOne(const Call &call, const CompiledLaunch &launch,
                               CUfunction function, bool isRehearsal) {
  unsigned grid[3];
  Status status = computeGrid(call, launch, grid);
  PackedParameters packed;
  for (const CompiledParameter &parameter : launch.parameters)
    if (status.ok())
      status = pack(call, parameter, packed, isRehearsal);
  if (!status.ok() || isRehearsal)
    return status;

  const RecipeLaunch &recipe = *launch.recipe;
  CUlaunchConfig config = {};
  config.gridDimX = grid[0];
  config.gridDimY = grid[1];
  config.gridDimZ = grid[2];
  config.blockDimX = recipe.threads;
  config.blockDimY = config.blockDimZ = 1;
  config.sharedMemBytes = static_cast<unsigned>(recipe.sharedMemory);
  config.hStream = call.stream;
  CUlaunchAttribute cluster = {};
  const auto &size = recipe.cluster;
  if (size[0] * size[1] * size[2] > 1) {
    cluster.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
    cluster.value.clusterDim = {static_cast<unsigned>(size[0]),
                                static_cast<unsigned>(size[1]),
                                static_cast<unsigned>(size[2])};
    config.attrs = &cluster;
    config.numAttrs = 1;
  }
  CUresult result =
      call.driver.launchKernelEx(&config, function, packed.pointers, nullptr);
  if (result == CUDA_SUCCESS)
    return Status::success();
  return Status::runtimeError(
      call.driver.check(result, "cuLaunchKernelEx").message() + "; " +
      std::to_string(grid[0]) + "x" + std::to_string(grid[1]) + "x" +
      std::to_string(grid[2]) + " blocks of " + std::to_string(recipe.threads) +
      " threads with " + std::to_string(recipe.sharedMemory) +
      " bytes of shared memory");
}
