//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles a function just in time and calls it, from C++.
//
//   cpp-jit [--target=TARGET]            runs causal attention described in C++
//   cpp-jit [--target=TARGET] FILE.mlir  runs its only public function on
//                                        arrays of ones
//
// TARGET is cpu, sm_90a, or auto, which takes the GPU if there is one.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Compiler/Compiler.h"
#include "sigmoid-attn/Support/SmallFloat.h"

#include <cstdio>
#include <cstring>
#include <vector>

using namespace sigmoid_attn;

/// Prints why something failed; the exit status of the program.
static int fail(const Status &status) {
  std::fprintf(stderr, "cpp-jit: error: %s\n", status.message().c_str());
  return 1;
}

/// Attention of 2 heads of 8 queries over 8 keys, with head dim 64. Every score
/// is bias + scale * 64 = 0, so every visible key has the weight 1/2.
static int runDescription(Compiler &compiler) {
  SigmoidAttentionSpec spec;
  spec.elementType = ElementType::BF16;
  spec.headDim = 64;
  spec.causal = true;
  spec.bias = SigmoidAttentionSpec::Bias::Scalar;
  Result<CompiledFunction> attention = compiler.compile(spec);
  if (!attention.ok())
    return fail(attention.status());

  std::vector<int64_t> shape{1, 2, 8, 64};
  std::vector<uint16_t> ones(2 * 8 * 64, floatToBfloat(1));
  ArrayView array(ones.data(), ElementType::BF16, shape);
  float bias = -8.0f; // The default scale is 1 / sqrt(64), so q.k / 8 is 8.
  Result<std::vector<Array>> results = (*attention)(
      {array, array, array, ArrayView(&bias, ElementType::F32, {})});
  if (!results.ok())
    return fail(results.status());

  // Query i sees i + 1 keys, and every value is 1.
  auto *output = static_cast<const uint16_t *>((*results)[0].data());
  std::printf("target: %s\n", getTargetName(attention->target()));
  for (int query = 0; query < 8; ++query)
    std::printf("query %d: %.2f\n", query, bfloatToFloat(output[query * 64]));
  return 0;
}

/// A call with arrays of ones whose dynamic sizes are 8.
static int runFile(Compiler &compiler, const char *path) {
  Result<CompiledFunction> function = compiler.compileFile(path);
  if (!function.ok())
    return fail(function.status());
  std::vector<Array> arrays;
  std::vector<ArrayView> arguments;
  for (const ValueType &type : function->signature().arguments) {
    std::vector<int64_t> shape = type.shape;
    for (int64_t &size : shape)
      size = size == kDynamic ? 8 : size;
    Result<Array> array = Array::allocate(type.elementType, shape);
    if (!array.ok())
      return fail(array.status());
    if (type.elementType != ElementType::F32)
      return fail(Status::invalidArgument("this example knows only f32"));
    for (int64_t i = 0; i < array->numElements(); ++i)
      static_cast<float *>(array->data())[i] = 1.0f;
    arguments.push_back(array->view());
    arrays.push_back(std::move(*array));
  }
  Result<std::vector<Array>> results = (*function)(arguments);
  if (!results.ok())
    return fail(results.status());
  for (const Array &result : *results)
    std::printf("result: %s of %s\n", formatShape(result.shape()).c_str(),
                getElementTypeName(result.elementType()));
  return 0;
}

int main(int argc, char **argv) {
  CompilerOptions options;
  const char *path = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--target=", 9) != 0) {
      path = argv[i];
      continue;
    }
    Result<Target> target = parseTarget(argv[i] + 9);
    if (!target.ok())
      return fail(target.status());
    options.target = *target;
  }
  Compiler compiler(options);
  return path ? runFile(compiler, path) : runDescription(compiler);
}
