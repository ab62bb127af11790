//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shared by the tests of the compiler.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_COMPILER_TESTCOMPILER_H
#define SIGMOID_ATTN_UNITTESTS_COMPILER_TESTCOMPILER_H

#include "sigmoid-attn/Compiler/Compiler.h"

#include <string>
#include <vector>

namespace sigmoid_attn {

/// Options for the CPU without a disk cache.
inline CompilerOptions makeOptions() {
  CompilerOptions options;
  options.target = Target::CPU;
  options.cacheDirectory = "";
  options.dumpDirectory = "";
  return options;
}

/// A function that adds two vectors elementwise.
inline const char kAddSource[] = R"(
func.func @add(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %c = linalg.add ins(%a, %b : tensor<?xf32>, tensor<?xf32>)
                  outs(%a : tensor<?xf32>) -> tensor<?xf32>
  return %c : tensor<?xf32>
}
)";

inline ArrayView makeView(std::vector<float> &values) {
  return ArrayView(values.data(), ElementType::F32,
                   {static_cast<int64_t>(values.size())});
}

inline std::vector<float> getFloats(const Array &array) {
  auto *data = static_cast<const float *>(array.data());
  return std::vector<float>(data, data + array.numElements());
}

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_UNITTESTS_COMPILER_TESTCOMPILER_H
