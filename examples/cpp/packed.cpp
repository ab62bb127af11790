//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads a kernel file and launches it, from C++, without the compiler.
//
//   cpp-packed KERNEL.sak
//
// takes a kernel of bf16 or f16 attention with a bias, such as
//
//   sigmoid-attn-opt --attn-lower-to-nvvm-pipeline FILE.mlir |
//     sigmoid-attn-pack -o KERNEL.sak
//
// makes of one attention op with `bias(%bias)`.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Runtime/Device.h"
#include "sigmoid-attn/Runtime/Kernel.h"
#include "sigmoid-attn/Support/SmallFloat.h"

#include <cmath>
#include <cstdio>
#include <deque>
#include <map>
#include <vector>

using namespace sigmoid_attn;

/// A tensor of ones on the device. Arguments point into it.
struct Tensor {
  std::vector<int64_t> sizes, strides;
  DeviceBuffer memory;
};

/// The bits of 1 in the kernel's 16-bit type.
static uint16_t oneOf(ElementType type) {
  return type == ElementType::BF16 ? floatToBfloat(1) : floatToHalf(1);
}

/// Makes every argument of the recipe: one batch, two heads, 8 queries over 8
/// keys, all ones. Every score is bias + scale * head dim = 0, so every visible
/// key has the weight 1/2.
static Status makeArguments(const Recipe &recipe, const Device &device,
                            std::deque<Tensor> &tensors,
                            std::vector<Argument> &arguments) {
  std::map<std::string, int64_t> sizes = {{"query_length", 8},
                                          {"key_length", 8}};
  double headDim = 0;
  for (const RecipeArgument &argument : recipe.arguments) {
    if (!argument.isTensor) {
      double scale = 1 / std::sqrt(headDim);
      arguments.push_back(
          Argument::scalar(argument.name == "bias" ? -scale * headDim : scale));
      continue;
    }
    tensors.emplace_back();
    Tensor &tensor = tensors.back();
    for (const std::string &size : argument.shape) {
      bool isNumber = size.find_first_not_of("0123456789") == std::string::npos;
      auto named = sizes.emplace(size, size == "batch" ? 1 : 2).first;
      tensor.sizes.push_back(isNumber ? std::stoll(size) : named->second);
    }
    headDim = headDim ? headDim : double(tensor.sizes.back());
    tensor.strides = getRowMajorStrides(tensor.sizes);
    std::vector<uint16_t> ones(*countElements(tensor.sizes),
                               oneOf(argument.type));
    Result<DeviceBuffer> memory = device.allocate(2 * ones.size());
    if (!memory.ok())
      return memory.status();
    tensor.memory = std::move(*memory);
    Status status = tensor.memory.copyFromHost(ones.data(), 2 * ones.size());
    if (!status.ok())
      return status;
    arguments.push_back(Argument::tensor(
        tensor.memory.data(), argument.type, int32_t(tensor.sizes.size()),
        tensor.sizes.data(), tensor.strides.data()));
  }
  return Status::success();
}

static Status run(const char *path) {
  Result<std::shared_ptr<Kernel>> kernel = Kernel::load(path);
  if (!kernel.ok())
    return kernel.status();
  Result<Device> device = Device::open(0);
  if (!device.ok())
    return device.status();
  std::deque<Tensor> tensors;
  std::vector<Argument> arguments;
  const Recipe &recipe = (*kernel)->recipe();
  Status status = makeArguments(recipe, *device, tensors, arguments);
  if (status.ok())
    status = (*kernel)->launch(arguments.data(), arguments.size(), nullptr);
  if (status.ok())
    status = device->synchronize();
  if (!status.ok())
    return status;

  // The output is the last argument, and every value is 1.
  Tensor &output = tensors.back();
  std::vector<uint16_t> bits(output.memory.size() / 2);
  status = output.memory.copyToHost(bits.data(), output.memory.size());
  std::printf("device: %s\n", device->name().c_str());
  bool isBfloat = recipe.arguments.back().type == ElementType::BF16;
  for (int64_t query = 0; query < 8; ++query) {
    uint16_t first = bits[query * output.sizes.back()];
    std::printf("query %d: %.2f\n", int(query),
                isBfloat ? bfloatToFloat(first) : halfToFloat(first));
  }
  return status;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: cpp-packed KERNEL.sak\n");
    return 1;
  }
  Status status = run(argv[1]);
  if (status.ok())
    return 0;
  std::fprintf(stderr, "cpp-packed: error: %s\n", status.message().c_str());
  return 1;
}
