//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn-c/Compiler.h"

#include "gtest/gtest.h"

#include <cstring>
#include <string>
#include <vector>

static const char kAddSource[] = R"(
func.func @add(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %c = linalg.add ins(%a, %b : tensor<?xf32>, tensor<?xf32>)
                  outs(%a : tensor<?xf32>) -> tensor<?xf32>
  return %c : tensor<?xf32>
}
)";

namespace {
/// A compiler without a disk cache.
class CAPI : public testing::Test {
protected:
  void SetUp() override {
    SigmoidAttnCompilerOptions options = {};
    options.target = SigmoidAttnTargetCPU;
    options.cache_directory = "";
    ASSERT_EQ(sigmoid_attn_compiler_create(&options, &compiler), 0);
  }
  void TearDown() override {
    sigmoid_attn_function_release(function);
    sigmoid_attn_compiler_release(compiler);
  }

  int compile(const char *source, const char *entry = nullptr) {
    return sigmoid_attn_compile_source(compiler, source, std::strlen(source),
                                       entry, &function);
  }

  /// Calls the function on vectors of these lengths; they hold ones.
  int call(std::vector<int64_t> sizes) {
    std::vector<SigmoidAttnArray> arguments;
    for (int64_t &size : sizes)
      arguments.push_back({SigmoidAttnF32, 1, ones, &size, nullptr});
    return sigmoid_attn_function_call(function, arguments.data(),
                                      arguments.size(), &results);
  }

  static std::string error() { return sigmoid_attn_last_error(); }

  float ones[4] = {1, 1, 1, 1};
  SigmoidAttnCompiler *compiler = nullptr;
  SigmoidAttnFunction *function = nullptr;
  SigmoidAttnResults *results = nullptr;
};
} // namespace

TEST_F(CAPI, Version) { EXPECT_STREQ(sigmoid_attn_version(), "0.1.0"); }

TEST_F(CAPI, CompilesAndCalls) {
  ASSERT_EQ(compile(kAddSource), SigmoidAttnSuccess) << error();
  EXPECT_EQ(sigmoid_attn_function_target(function), SigmoidAttnTargetCPU);
  EXPECT_EQ(sigmoid_attn_function_num_arguments(function), 2u);
  EXPECT_EQ(sigmoid_attn_function_num_results(function), 1u);
  EXPECT_STREQ(sigmoid_attn_function_argument_type(function, 1),
               "tensor<?xf32>");
  EXPECT_EQ(sigmoid_attn_function_argument_type(function, 2), nullptr);
  EXPECT_STREQ(sigmoid_attn_function_result_type(function, 0), "tensor<?xf32>");
  EXPECT_EQ(sigmoid_attn_function_result_type(function, 1), nullptr);

  ASSERT_EQ(call({3, 3}), SigmoidAttnSuccess) << error();
  ASSERT_EQ(sigmoid_attn_results_count(results), 1u);
  SigmoidAttnArray sum;
  ASSERT_EQ(sigmoid_attn_results_get(results, 0, &sum), SigmoidAttnSuccess);
  EXPECT_EQ(sum.element_type, SigmoidAttnF32);
  ASSERT_EQ(sum.rank, 1);
  EXPECT_EQ(sum.sizes[0], 3);
  EXPECT_EQ(sum.strides, nullptr);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(static_cast<float *>(sum.data)[i], 2.0f);

  EXPECT_EQ(sigmoid_attn_results_get(results, 1, &sum),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), "expected an index below 1, got 1");
  sigmoid_attn_results_release(results);
}

TEST_F(CAPI, RefusesBadSources) {
  EXPECT_EQ(compile("not MLIR"), SigmoidAttnCompileError);
  EXPECT_EQ(error().substr(0, 12), "source:1:1: ");
  EXPECT_EQ(compile("func.func @f() -> i32 { return }"),
            SigmoidAttnCompileError);
  EXPECT_EQ(compile(kAddSource, "subtract"), SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), "'source' has no public function 'subtract' with a body; "
                     "it has: add");
  EXPECT_EQ(sigmoid_attn_compile_file(compiler, "/missing/f.mlir", nullptr,
                                      &function),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(),
            "cannot read '/missing/f.mlir': no such file or directory");
  EXPECT_EQ(function, nullptr);
}

TEST_F(CAPI, RefusesBadSpecs) {
  SigmoidAttnSpec spec = {};
  spec.element_type = SigmoidAttnF32;
  EXPECT_EQ(sigmoid_attn_compile_spec(compiler, &spec, &function),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), "expected a head dim of at least 1, got 0");
  spec.head_dim = 64;
  spec.bias = 17;
  EXPECT_EQ(sigmoid_attn_compile_spec(compiler, &spec, &function),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), "unknown kind of bias 17");
}

TEST_F(CAPI, RefusesBadArguments) {
  ASSERT_EQ(compile(kAddSource), SigmoidAttnSuccess) << error();
  EXPECT_EQ(call({3}), SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), "'add': expected 2 arguments, got 1");
  EXPECT_EQ(call({3, 4}), SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), "argument 1 of 'add': expected dimension 0 to be 3 "
                     "(dimension 0 of argument 0), got 4");
  EXPECT_EQ(call({3, -1}), SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(),
            "argument 1 of 'add': expected sizes of at least 0, got -1");

  int64_t three = 3, two = 2;
  SigmoidAttnArray good = {SigmoidAttnF32, 1, ones, &three, nullptr};
  auto check = [&](SigmoidAttnArray bad) {
    SigmoidAttnArray arguments[] = {good, bad};
    EXPECT_EQ(sigmoid_attn_function_call(function, arguments, 2, &results),
              SigmoidAttnInvalidArgument);
    return error();
  };
  EXPECT_EQ(check({SigmoidAttnF16, 1, ones, &three, nullptr}),
            "argument 1 of 'add': expected element type f32, got f16");
  EXPECT_EQ(check({42, 1, ones, &three, nullptr}),
            "argument 1 of 'add': unknown element type 42");
  EXPECT_EQ(check({SigmoidAttnF32, 0, ones, nullptr, nullptr}),
            "argument 1 of 'add': expected rank 1 for tensor<?xf32>, got rank "
            "0");
  EXPECT_EQ(check({SigmoidAttnF32, -2, ones, &three, nullptr}),
            "argument 1: expected a rank of at least 0, got -2");
  EXPECT_EQ(check({SigmoidAttnF32, 1, ones, nullptr, nullptr}),
            "argument 1: expected sizes, got null");
  EXPECT_EQ(check({SigmoidAttnF32, 1, nullptr, &three, nullptr}),
            "argument 1 of 'add': data pointer is null");
  EXPECT_EQ(check({SigmoidAttnF32, 1, ones, &three, &two}),
            "argument 1 of 'add': expected stride 1 in dimension 0, got 2");
  EXPECT_EQ(results, nullptr);
}

TEST_F(CAPI, RefusesNull) {
  auto null = [](const char *name) {
    return std::string(name) + ": expected an address, got null";
  };
  EXPECT_EQ(sigmoid_attn_compiler_create(nullptr, nullptr),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), null("compiler"));
  EXPECT_EQ(sigmoid_attn_compile_file(nullptr, "f", "", &function),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), null("compiler"));
  EXPECT_EQ(sigmoid_attn_compile_file(compiler, nullptr, "", &function),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), null("path"));
  EXPECT_EQ(sigmoid_attn_compile_source(compiler, nullptr, 3, "", &function),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), null("source"));
  EXPECT_EQ(sigmoid_attn_compile_spec(compiler, nullptr, &function),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), null("spec"));
  EXPECT_EQ(sigmoid_attn_compile_source(compiler, "", 0, "", nullptr),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), null("function"));
  EXPECT_EQ(sigmoid_attn_function_call(nullptr, nullptr, 0, &results),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), null("function"));
  ASSERT_EQ(compile(kAddSource), SigmoidAttnSuccess) << error();
  EXPECT_EQ(sigmoid_attn_function_call(function, nullptr, 2, &results),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), null("arguments"));
  EXPECT_EQ(sigmoid_attn_function_call(function, nullptr, 0, nullptr),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), null("results"));
  SigmoidAttnArray array;
  EXPECT_EQ(sigmoid_attn_results_get(nullptr, 0, &array),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), null("results"));
  EXPECT_EQ(sigmoid_attn_function_num_arguments(nullptr), 0u);
  EXPECT_EQ(sigmoid_attn_function_num_results(nullptr), 0u);
  EXPECT_EQ(sigmoid_attn_function_argument_type(nullptr, 0), nullptr);
  EXPECT_EQ(sigmoid_attn_function_result_type(nullptr, 0), nullptr);
  EXPECT_EQ(sigmoid_attn_function_target(nullptr), SigmoidAttnTargetAuto);
  EXPECT_EQ(sigmoid_attn_results_count(nullptr), 0u);
  sigmoid_attn_compiler_release(nullptr);
  sigmoid_attn_function_release(nullptr);
  sigmoid_attn_results_release(nullptr);
}

TEST_F(CAPI, UnknownTarget) {
  SigmoidAttnCompilerOptions options = {};
  options.target = 12;
  SigmoidAttnCompiler *other = nullptr;
  ASSERT_EQ(sigmoid_attn_compiler_create(&options, &other), 0);
  EXPECT_EQ(sigmoid_attn_compile_source(other, kAddSource,
                                        std::strlen(kAddSource), "", &function),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(error(), "unknown target 12");
  sigmoid_attn_compiler_release(other);
}
