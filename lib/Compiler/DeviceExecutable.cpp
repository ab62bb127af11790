//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DeviceExecutable.h"

#include <cstring>
#include <deque>
#include <map>

using namespace sigmoid_attn;

/// Compute capability 9.0.
static constexpr int kHopper = 90;

Result<Device> sigmoid_attn::findHopperDevice() {
  Result<int> count = countDevices();
  if (!count.ok())
    return count.status();
  std::string found;
  for (int ordinal = 0; ordinal < *count; ++ordinal) {
    // A context costs memory of the GPU, which others have no use for.
    Result<DeviceInfo> info = describeDevice(ordinal);
    if (info.ok() && info->computeCapability == kHopper)
      return Device::open(ordinal);
    found += (ordinal ? ", " : "") + (info.ok() ? info->name : info.message());
  }
  return Status::unavailable(
      "expected an NVIDIA Hopper GPU (compute capability 9.0), got " +
      (found.empty() ? "none" : found));
}

/// Copies between a strided array, outermost dimension first, and dense memory,
/// and moves `dense` past what it copied.
static void copyStrided(char *array, char *&dense, size_t elementSize,
                        const int64_t *sizes, const int64_t *strides,
                        size_t rank, bool toDense) {
  if (rank == 0) {
    std::memcpy(toDense ? dense : array, toDense ? array : dense, elementSize);
    dense += elementSize;
    return;
  }
  for (int64_t i = 0; i < *sizes; ++i)
    copyStrided(array + i * *strides * int64_t(elementSize), dense, elementSize,
                sizes + 1, strides + 1, rank - 1, toDense);
}

namespace {

/// The arguments of one call, on the device.
class DeviceCall {
public:
  DeviceCall(const Recipe &recipe, const Device &device)
      : recipe(recipe), device(device) {}

  Status addArgument(const ValueType &type, const ArrayView &array);
  Status addResult(const ValueType &type);

  /// Launches, waits, and copies what was written back: into the arguments,
  /// and into new arrays.
  Result<std::vector<Array>> run(Kernel &kernel);

private:
  /// A tensor on the device, dense, and where it belongs on the host.
  struct Tensor {
    ArrayView host;
    DeviceBuffer buffer;
    std::vector<int64_t> strides;
    bool isResult = false;
    bool isWritten = false;
  };

  void addScalar(const ValueType &type, const ArrayView &array);
  Status addTensor(ArrayView host, bool isResult);
  Result<Array> fetch(const Tensor &tensor) const;

  const Recipe &recipe;
  const Device &device;
  std::map<std::string, int64_t> sizes;
  // Launch arguments point into the elements, which therefore must not move.
  std::deque<Tensor> tensors;
  std::vector<Argument> arguments;
};

} // namespace

void DeviceCall::addScalar(const ValueType &type, const ArrayView &array) {
  switch (type.elementType) {
  case ElementType::F32:
    arguments.push_back(
        Argument::scalar(double(*static_cast<const float *>(array.data))));
    break;
  case ElementType::F64:
    arguments.push_back(
        Argument::scalar(*static_cast<const double *>(array.data)));
    break;
  case ElementType::I32:
    arguments.push_back(
        Argument::scalar(int64_t(*static_cast<const int32_t *>(array.data))));
    break;
  default:
    // create() lets only one more type through, i64.
    arguments.push_back(
        Argument::scalar(*static_cast<const int64_t *>(array.data)));
    break;
  }
}

Status DeviceCall::addTensor(ArrayView host, bool isResult) {
  const RecipeArgument &expected = recipe.arguments[arguments.size()];
  std::optional<int64_t> count = countElements(host.shape);
  if (!count)
    return Status::invalidArgument("expected a shape that fits memory");
  size_t elementSize = getElementSize(host.elementType);
  Result<DeviceBuffer> buffer = device.allocate(*count * elementSize);
  if (!buffer.ok())
    return buffer.status();
  if (host.strides.empty())
    host.strides = getRowMajorStrides(host.shape);
  tensors.push_back({std::move(host),
                     std::move(*buffer),
                     {},
                     isResult,
                     expected.access == Access::Write});
  Tensor &tensor = tensors.back();
  tensor.strides = getRowMajorStrides(tensor.host.shape);
  arguments.push_back(
      Argument::tensor(tensor.buffer.data(), tensor.host.elementType,
                       static_cast<int32_t>(tensor.host.shape.size()),
                       tensor.host.shape.data(), tensor.strides.data()));
  if (tensor.isWritten || *count == 0)
    return Status::success();
  if (tensor.host.strides == tensor.strides)
    return tensor.buffer.copyFromHost(tensor.host.data, tensor.buffer.size());
  std::vector<char> dense(tensor.buffer.size());
  char *target = dense.data();
  copyStrided(static_cast<char *>(tensor.host.data), target, elementSize,
              tensor.host.shape.data(), tensor.host.strides.data(),
              tensor.host.shape.size(), /*toDense=*/true);
  return tensor.buffer.copyFromHost(dense.data(), dense.size());
}

Status DeviceCall::addArgument(const ValueType &type, const ArrayView &array) {
  if (type.kind == ValueType::Kind::Scalar) {
    addScalar(type, array);
    return Status::success();
  }
  const RecipeArgument &expected = recipe.arguments[arguments.size()];
  for (size_t d = 0; d < expected.shape.size() && d < array.shape.size(); ++d)
    sizes.emplace(expected.shape[d], array.shape[d]);
  return addTensor(array, /*isResult=*/false).withContext(expected.name);
}

/// A result's sizes are those that the arguments have under the same names.
Status DeviceCall::addResult(const ValueType &type) {
  const RecipeArgument &expected = recipe.arguments[arguments.size()];
  ArrayView host(nullptr, type.elementType, type.shape);
  for (size_t d = 0; d < host.shape.size(); ++d) {
    auto found = sizes.find(expected.shape[d]);
    if (host.shape[d] == kDynamic && found != sizes.end())
      host.shape[d] = found->second;
    if (host.shape[d] == kDynamic)
      return Status::runtimeError("no argument gives the size of dimension " +
                                  std::to_string(d))
          .withContext(expected.name);
  }
  return addTensor(std::move(host), /*isResult=*/true)
      .withContext(expected.name);
}

/// Copies a written tensor to new memory, or into the caller's array.
Result<Array> DeviceCall::fetch(const Tensor &tensor) const {
  Result<Array> dense =
      Array::allocate(tensor.host.elementType, tensor.host.shape);
  if (!dense.ok() || tensor.buffer.size() == 0)
    return dense;
  Status status = tensor.buffer.copyToHost(dense->data(), tensor.buffer.size());
  if (!status.ok())
    return status;
  char *source = static_cast<char *>(dense->data());
  if (!tensor.isResult)
    copyStrided(static_cast<char *>(tensor.host.data), source,
                getElementSize(tensor.host.elementType),
                tensor.host.shape.data(), tensor.host.strides.data(),
                tensor.host.shape.size(), /*toDense=*/false);
  return dense;
}

Result<std::vector<Array>> DeviceCall::run(Kernel &kernel) {
  Status status = kernel.launch(arguments.data(), arguments.size(), nullptr);
  if (status.ok())
    status = device.synchronize().withContext(recipe.name);
  if (!status.ok())
    return status;
  std::vector<Array> results;
  for (const Tensor &tensor : tensors) {
    if (!tensor.isWritten)
      continue;
    Result<Array> array = fetch(tensor);
    if (!array.ok())
      return array.status().withContext(recipe.name);
    if (tensor.isResult)
      results.push_back(std::move(*array));
  }
  return results;
}

/// Success if `argument` is what a value of `type` is passed as.
static Status checkType(const RecipeArgument &argument, const ValueType &type,
                        bool isResult) {
  bool isTensor = type.kind != ValueType::Kind::Scalar;
  if (argument.isTensor == isTensor && argument.type == type.elementType &&
      argument.shape.size() == type.shape.size() &&
      (!isResult || argument.access == Access::Write))
    return Status::success();
  return Status::runtimeError("the kernel's " + argument.name + " is no " +
                              formatType(type));
}

Result<std::shared_ptr<Executable>>
DeviceExecutable::create(std::shared_ptr<Kernel> kernel, Device device,
                         const FunctionSignature &signature) {
  const std::vector<RecipeArgument> &expected = kernel->recipe().arguments;
  size_t count = signature.arguments.size();
  if (expected.size() != count + signature.results.size())
    return Status::runtimeError(
        "the kernel has " + std::to_string(expected.size()) +
        " arguments, which '" + signature.name + "' does not have");
  for (size_t i = 0; i < expected.size(); ++i) {
    bool isResult = i >= count;
    Status status = checkType(expected[i],
                              isResult ? signature.results[i - count]
                                       : signature.arguments[i],
                              isResult);
    if (!status.ok())
      return status;
  }
  return std::shared_ptr<Executable>(
      new DeviceExecutable(std::move(kernel), std::move(device)));
}

Result<std::vector<Array>>
DeviceExecutable::call(const FunctionSignature &signature,
                       const std::vector<ArrayView> &arguments) {
  DeviceCall call(compiledKernel->recipe(), device);
  for (size_t i = 0; i < arguments.size(); ++i) {
    Status status = call.addArgument(signature.arguments[i], arguments[i]);
    if (!status.ok())
      return status.withContext(signature.name);
  }
  for (const ValueType &type : signature.results) {
    Status status = call.addResult(type);
    if (!status.ok())
      return status.withContext(signature.name);
  }
  return call.run(*compiledKernel);
}
