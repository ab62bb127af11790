//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Arguments for the forward recipe of TestRecipe.h, in the mock GPU's memory.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_RUNTIME_TESTARGUMENTS_H
#define SIGMOID_ATTN_UNITTESTS_RUNTIME_TESTARGUMENTS_H

#include "MockCuda.h"
#include "TestRecipe.h"
#include "sigmoid-attn/Runtime/Kernel.h"

#include <array>

namespace sigmoid_attn::test {

/// An address in the mock memory of `device`.
inline void *makeAddress(int device, uint64_t offset) {
  return reinterpret_cast<void *>((uint64_t(device + 1) << 40) + offset);
}

/// Query, key, value, bias and output of a call; tests change what they like.
struct TestArguments {
  using Sizes = std::array<int64_t, 4>;

  Sizes querySizes, keySizes;
  Sizes queryStrides, keyStrides, valueStrides, outputStrides;
  std::array<Argument, 5> list;

  TestArguments(int64_t batch, int64_t queryHeads, int64_t keyHeads,
                int64_t queryLength, int64_t keyLength, int device = 0)
      : querySizes{batch, queryHeads, queryLength, 64},
        keySizes{batch, keyHeads, keyLength, 64} {
    queryStrides = outputStrides = contiguous(querySizes);
    keyStrides = valueStrides = contiguous(keySizes);
    auto make = [&](int place, Sizes &sizes, Sizes &strides) {
      return Argument::tensor(makeAddress(device, place * 0x10000000),
                              ElementType::BF16, 4, sizes.data(),
                              strides.data());
    };
    list = {make(0, querySizes, queryStrides), make(1, keySizes, keyStrides),
            make(2, keySizes, valueStrides), Argument::scalar(-2.0),
            make(3, querySizes, outputStrides)};
  }
  // The arguments point into the object.
  TestArguments(const TestArguments &) = delete;

  static Sizes contiguous(const Sizes &sizes) {
    return {sizes[1] * sizes[2] * sizes[3], sizes[2] * sizes[3], sizes[3], 1};
  }
};

/// The forward kernel of TestRecipe.h, after `change`.
template <typename Change> std::shared_ptr<Kernel> makeKernel(Change change) {
  KernelFile file;
  file.recipes = {makeForwardRecipe()};
  change(file.recipes[0]);
  file.ptx = ".version 8.3";
  Result<std::shared_ptr<Kernel>> kernel = Kernel::create(std::move(file));
  return kernel.ok() ? *kernel : nullptr;
}
inline std::shared_ptr<Kernel> makeKernel() {
  return makeKernel([](Recipe &) {});
}

/// A launch of all arguments.
inline Status launch(Kernel &kernel, const TestArguments &arguments,
                     StreamHandle stream = nullptr) {
  return kernel.launch(arguments.list.data(), arguments.list.size(), stream);
}

} // namespace sigmoid_attn::test

#endif // SIGMOID_ATTN_UNITTESTS_RUNTIME_TESTARGUMENTS_H
