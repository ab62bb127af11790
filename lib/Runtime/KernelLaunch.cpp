//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The launch path. A call becomes a plan, which later calls that are the same
// only have to queue.
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
    if (result == CUDA_SUCCESS && memoryType == CU_MEMORYTYPE_DEVICE &&
        (device < 0 || ordinal == device)) {
      device = ordinal;
      continue;
    }
    std::string context = recipe.name + ": " + recipe.arguments[i].name;
    if (result != CUDA_SUCCESS)
      return driver.check(result, "cuPointerGetAttributes")
          .withContext(context);
    if (memoryType != CU_MEMORYTYPE_DEVICE)
      return Status::invalidArgument(context +
                                     ": expected memory of a GPU, got memory "
                                     "of the host");
    return Status::invalidArgument(
        context + ": expected memory of device " + std::to_string(device) +
        ", as of the tensors before, got memory of device " +
        std::to_string(ordinal));
  }
  return Status::success();
}

Status Kernel::Impl::describeFailure(const Status &failure, size_t variant,
                                     size_t place,
                                     const Argument *arguments) const {
  std::string shapes;
  for (size_t i = 0; i < entry.arguments.size(); ++i)
    shapes += (i ? ", " : "") + entry.arguments[i].name + " " +
              formatArgument(arguments[i]);
  const RecipeLaunch &launch = *variants[variant].launches[place].recipe;
  return Status::error(failure.code(),
                       entry.name + ": kernel " + launch.kernel + ": " +
                           failure.message() + " (" + shapes + ")");
}

Status Kernel::Impl::launch(const Argument *arguments, size_t count,
                            StreamHandle streamHandle) {
  auto stream = static_cast<CUstream>(streamHandle);
  // The first launch finds the driver only after its arguments are right.
  const Driver *driver = Driver::getIfLoaded();
  CUcontext current = nullptr;
  LaunchKey key;
  bool isKey = driver && driver->ctxGetCurrent(&current) == CUDA_SUCCESS &&
               key.set(arguments, count, stream, current);
  if (isKey)
    if (std::shared_ptr<const LaunchPlan> plan = plans.find(key);
        plan && plan->context->isAlive(*driver))
      return run(*driver, *plan, stream, arguments);
  Result<std::shared_ptr<LaunchPlan>> plan = makePlan(arguments, count, stream);
  if (!plan.ok() || !*plan)
    return plan.status();
  Status status = run(**Driver::get(), **plan, stream, arguments);
  if (status.ok() && isKey) {
    (*plan)->key = key;
    plans.insert(std::move(*plan));
  }
  return status;
}

Result<std::shared_ptr<LaunchPlan>>
Kernel::Impl::makePlan(const Argument *arguments, size_t count,
                       CUstream stream) {
  Binding binding;
  Status status = check(arguments, count, binding);
  if (!status.ok())
    return status;
  if (binding.nothingToWrite)
    return std::shared_ptr<LaunchPlan>();
  Result<const Driver *> driver = Driver::get();
  if (!driver.ok())
    return driver.status();
  int device = -1;
  status = findDevice(**driver, entry, arguments, device);
  if (!status.ok())
    return status;
  Result<CUcontext> context = findContext(**driver, stream, device);
  if (!context.ok())
    return context.status().withContext(entry.name);
  CurrentContext current(**driver, *context);
  if (!current.status().ok())
    return current.status().withContext(entry.name);
  Result<ContextState *> state = getContextState(**driver, *context);
  if (!state.ok())
    return state.status().withContext(entry.name);
  if ((*state)->device != device)
    return Status::invalidArgument(
        entry.name + ": expected a stream of device " + std::to_string(device) +
        ", where the tensors are, got one of device " +
        std::to_string((*state)->device));
  setSMCount(binding, (*state)->smCount);
  Result<size_t> variant = selectVariant(binding);
  if (!variant.ok())
    return variant.status();
  Result<LoadedCode *> code = getCode(**driver, **state);
  if (!code.ok())
    return code.status();
  Call call = {**driver, **code, binding, arguments, nullptr};
  for (size_t i = 0; i < count && !call.substitute; ++i)
    if (entry.arguments[i].access == Access::Write)
      call.substitute = arguments[i].data;

  auto plan = std::make_shared<LaunchPlan>();
  plan->context = *state;
  plan->variant = *variant;
  for (size_t i = 0; i < variants[*variant].launches.size(); ++i) {
    plan->launches.push_back(std::make_unique<PlannedLaunch>());
    plan->launches.back()->function = (*code)->functions[*variant][i];
    status = planLaunch(call, variants[*variant].launches[i],
                        *plan->launches.back());
    if (!status.ok())
      return describeFailure(status, *variant, i, arguments);
  }
  return plan;
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
                          PlannedLaunch &planned) const {
  PackedParameters &packed = planned.parameters;
  switch (parameter.recipe->kind) {
  case RecipeParameter::Kind::Value:
    return packValue(call, parameter, packed);
  case RecipeParameter::Kind::Pointer:
    *static_cast<void **>(packed.add(8, 8)) =
        call.arguments[parameter.argument].data;
    break;
  case RecipeParameter::Kind::TensorMap: {
    auto *map = static_cast<CUtensorMap *>(
        packed.add(sizeof(CUtensorMap), alignof(CUtensorMap)));
    return call.code.tensorMaps
        .get(call.driver, *parameter.recipe, call.arguments[parameter.argument],
             call.substitute, *map)
        .withContext("tensor map of " + parameter.recipe->tensor);
  }
  case RecipeParameter::Kind::Counter:
    planned.counter = static_cast<int>(packed.count);
    packed.add(8, 8);
    break;
  }
  return Status::success();
}

Status Kernel::Impl::planLaunch(const Call &call, const CompiledLaunch &launch,
                                PlannedLaunch &planned) const {
  unsigned grid[3];
  Status status = computeGrid(call, launch, grid);
  for (const CompiledParameter &parameter : launch.parameters)
    if (status.ok())
      status = pack(call, parameter, planned);
  if (!status.ok())
    return status;
  const RecipeLaunch &recipe = *launch.recipe;
  CUlaunchConfig &config = planned.config;
  config.gridDimX = grid[0];
  config.gridDimY = grid[1];
  config.gridDimZ = grid[2];
  config.blockDimX = recipe.threads;
  config.blockDimY = config.blockDimZ = 1;
  config.sharedMemBytes = static_cast<unsigned>(recipe.sharedMemory);
  const auto &size = recipe.cluster;
  if (size[0] * size[1] * size[2] > 1) {
    planned.cluster.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
    planned.cluster.value.clusterDim = {static_cast<unsigned>(size[0]),
                                        static_cast<unsigned>(size[1]),
                                        static_cast<unsigned>(size[2])};
    config.numAttrs = 1;
  }
  return Status::success();
}

/// The failed call, and the size of the launch.
static Status describeLaunch(const Driver &driver, CUresult result,
                             const CUlaunchConfig &config) {
  auto text = [](unsigned number) { return std::to_string(number); };
  return Status::runtimeError(
      driver.check(result, "cuLaunchKernelEx").message() + "; " +
      text(config.gridDimX) + "x" + text(config.gridDimY) + "x" +
      text(config.gridDimZ) + " blocks of " + text(config.blockDimX) +
      " threads with " + text(config.sharedMemBytes) +
      " bytes of shared memory");
}

Status Kernel::Impl::run(const Driver &driver, const LaunchPlan &plan,
                         CUstream stream, const Argument *arguments) const {
  CurrentContext current(driver, plan.context->handle);
  if (!current.status().ok())
    return current.status().withContext(entry.name);
  for (size_t i = 0; i < plan.launches.size(); ++i) {
    const PlannedLaunch &planned = *plan.launches[i];
    // The plan is shared with other threads: what is this call's own is copied.
    CUlaunchConfig config = planned.config;
    CUlaunchAttribute cluster = planned.cluster;
    config.hStream = stream;
    config.attrs = config.numAttrs ? &cluster : nullptr;
    void *pointers[kMaxParameterCount];
    memcpy(pointers, planned.parameters.pointers,
           planned.parameters.count * sizeof(void *));
    CUdeviceptr counter = 0;
    if (planned.counter >= 0) {
      Result<CUdeviceptr> slot = plan.context->counters.acquire(stream);
      if (!slot.ok())
        return describeFailure(slot.status(), plan.variant, i, arguments);
      counter = *slot;
      pointers[planned.counter] = &counter;
    }
    CUresult result =
        driver.launchKernelEx(&config, planned.function, pointers, nullptr);
    if (result != CUDA_SUCCESS)
      return describeFailure(describeLaunch(driver, result, config),
                             plan.variant, i, arguments);
  }
  return Status::success();
}
