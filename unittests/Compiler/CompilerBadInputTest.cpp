//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the compiler refuses, and in which words.
//
//===----------------------------------------------------------------------===//

#include "TestCompiler.h"

#include "mlir/IR/BuiltinOps.h"

#include "gtest/gtest.h"

using namespace sigmoid_attn;

static Status getFailure(const char *source, const std::string &entry = "") {
  Result<CompiledFunction> function =
      Compiler(makeOptions()).compileSource(source, entry, "test.mlir");
  EXPECT_FALSE(function.ok());
  return function.ok() ? Status::success() : function.status();
}

TEST(CompilerBadInput, DoesNotParse) {
  Status status = getFailure("func.func @f( {");
  EXPECT_EQ(status.code(), ErrorCode::CompileError);
  EXPECT_EQ(status.message(), "test.mlir:1:14: expected non-function type");
  EXPECT_EQ(getFailure("%x = \"unknown.op\"() : () -> i32").code(),
            ErrorCode::CompileError);
  EXPECT_EQ(getFailure("ML\xefR broken bytecode").code(),
            ErrorCode::CompileError);
}

TEST(CompilerBadInput, DoesNotVerify) {
  Status status = getFailure("func.func @f(%x: f32) -> f32 {\n  return\n}");
  EXPECT_EQ(status.code(), ErrorCode::CompileError);
  EXPECT_EQ(status.message().substr(0, 15), "test.mlir:2:3: ");
}

TEST(CompilerBadInput, AttentionOfWrongShapes) {
  Status status = getFailure(R"(
func.func @f(%q: tensor<1x1x4x8xf32>, %k: tensor<1x1x4x4xf32>) -> tensor<1x1x4x8xf32> {
  %o = attn.sigmoid_attention %q, %k, %q : (tensor<1x1x4x8xf32>, tensor<1x1x4x4xf32>, tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf32>
  return %o : tensor<1x1x4x8xf32>
})");
  EXPECT_EQ(status.code(), ErrorCode::CompileError);
  EXPECT_NE(status.message().find("'attn.sigmoid_attention' op"),
            std::string::npos);
}

TEST(CompilerBadInput, Recursion) {
  Status status = getFailure(R"(func.func @f(%x: f32) -> f32 {
  %y = func.call @f(%x) : (f32) -> f32
  return %y : f32
})");
  EXPECT_EQ(status.code(), ErrorCode::CompileError);
  EXPECT_EQ(status.message(),
            "test.mlir:1:1: recursive call of 'f' is not supported");
}

// Nothing prints: what LLVM's verifier says is part of the message.
TEST(CompilerBadInput, RefusedByLLVM) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(
      getFailure(R"(llvm.func amdgpu_kernelcc @g() -> i32 {
  %0 = llvm.mlir.constant(1 : i32) : i32
  llvm.return %0 : i32
}
func.func @f() -> i32 {
  %0 = llvm.call amdgpu_kernelcc @g() : () -> i32
  return %0 : i32
})")
          .message(),
      "LLVM refuses the module: Calling convention requires void return type\n"
      "ptr @g");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(CompilerBadInput, NoFunction) {
  EXPECT_EQ(getFailure("").message(),
            "'test.mlir' has no public function with a body");
  EXPECT_EQ(getFailure("func.func private @f()").message(),
            "'test.mlir' has no public function with a body");
}

TEST(CompilerBadInput, UnknownOrAmbiguousEntry) {
  const char *source = "func.func @f() { return } func.func @g() { return }";
  Status status = getFailure(source, "h");
  EXPECT_EQ(status.code(), ErrorCode::InvalidArgument);
  EXPECT_EQ(status.message(), "'test.mlir' has no public function 'h' with a "
                              "body; it has: f, g");
  EXPECT_EQ(getFailure(source).message(),
            "'test.mlir' has several public functions; expected the entry to "
            "be one of: f, g");
}

TEST(CompilerBadInput, UnsupportedTypes) {
  const char *expected =
      ", expected a ranked tensor, a strided memref or a scalar of i1, i8, "
      "i16, i32, i64, index, f16, bf16, f32 or f64";
  for (const char *type :
       {"tensor<*xf32>", "complex<f32>", "tensor<2xui8>", "memref<2xf32, 3>",
        "memref<4x4xf32, affine_map<(i, j) -> (i floordiv 2, j)>>", "i3",
        "vector<4xf32>"}) {
    std::string source = std::string("func.func @f(%x: ") + type +
                         ") -> f32 { %c = arith.constant 0.0 : f32 return %c "
                         ": f32 }";
    Status status = getFailure(source.c_str());
    EXPECT_EQ(status.code(), ErrorCode::InvalidArgument) << type;
    EXPECT_EQ(status.message().substr(0, 43),
              "'test.mlir': argument 0 of 'f' has type '" +
                  std::string(type).substr(0, 2));
    EXPECT_NE(status.message().find(expected), std::string::npos) << type;
  }
  Status status =
      getFailure("func.func @f(%x: complex<f32>) -> complex<f32> { return %x : "
                 "complex<f32> }");
  EXPECT_EQ(status.code(), ErrorCode::InvalidArgument);
}

TEST(CompilerBadInput, UnresolvedFunction) {
  Status status = getFailure(R"(
    func.func private @nobody_defines_this(f32) -> f32
    func.func @f(%x: f32) -> f32 {
      %y = func.call @nobody_defines_this(%x) : (f32) -> f32
      return %y : f32
    })");
  EXPECT_EQ(status.code(), ErrorCode::RuntimeError);
  EXPECT_NE(status.message().find("nobody_defines_this"), std::string::npos)
      << status.message();
}

TEST(CompilerBadInput, MissingFile) {
  Compiler compiler(makeOptions());
  EXPECT_EQ(compiler.compileFile("/missing/f.mlir").message(),
            "cannot read '/missing/f.mlir': no such file or directory");
}

TEST(CompilerBadInput, NullModule) {
  EXPECT_EQ(Compiler(makeOptions()).compileModule(nullptr).message(),
            "expected a module, got null");
}

TEST(CompilerBadInput, Targets) {
  EXPECT_EQ(*parseTarget("sm_90a"), Target::SM90);
  EXPECT_EQ(parseTarget("gpu").message(),
            "unknown target 'gpu', expected auto, cpu or sm_90a");
  CompilerOptions options = makeOptions();
  options.target = static_cast<Target>(9);
  EXPECT_EQ(Compiler(options).compileSource(kAddSource).message(),
            "unknown target 9");
}

TEST(CompilerBadInput, PipelineOptions) {
  CompilerOptions options = makeOptions();
  options.pipelineOptions = "no-such-option=3";
  Result<CompiledFunction> function =
      Compiler(options).compileSource(kAddSource);
  EXPECT_EQ(function.status().code(), ErrorCode::InvalidArgument);
  EXPECT_EQ(function.message(),
            "pipeline options 'no-such-option=3' are not valid: <Pass-"
            "Options-Parser>: no such option no-such-option");
}

TEST(CompilerBadInput, CallsAreChecked) {
  Result<CompiledFunction> add =
      Compiler(makeOptions()).compileSource(kAddSource);
  ASSERT_TRUE(add.ok()) << add.message();
  std::vector<float> two(2), three(3);
  EXPECT_EQ((*add)({makeView(two)}).message(),
            "'add': expected 2 arguments, got 1");
  EXPECT_EQ((*add)({makeView(two), makeView(three)}).message(),
            "argument 1 of 'add': expected dimension 0 to be 2 (dimension 0 of "
            "argument 0), got 3");
}

TEST(CompilerBadInput, AttentionCallsAreChecked) {
  SigmoidAttentionSpec spec;
  spec.headDim = 2;
  Result<CompiledFunction> function = Compiler(makeOptions()).compile(spec);
  ASSERT_TRUE(function.ok()) << function.message();
  std::vector<float> data(64);
  auto check = [&](std::vector<int64_t> q, std::vector<int64_t> k,
                   std::vector<int64_t> v) {
    return (*function)({ArrayView(data.data(), ElementType::F32, q),
                        ArrayView(data.data(), ElementType::F32, k),
                        ArrayView(data.data(), ElementType::F32, v)})
        .message();
  };
  EXPECT_EQ(check({1, 4, 2, 2}, {1, 2, 3, 2}, {1, 2, 3, 2}), "");
  EXPECT_EQ(check({1, 1, 2, 2}, {2, 1, 3, 2}, {1, 1, 3, 2}),
            "argument 1 of 'sigmoid_attention': expected dimension 0 to be 1 "
            "(dimension 0 of argument 0), got 2");
  EXPECT_EQ(check({1, 3, 2, 2}, {1, 2, 3, 2}, {1, 2, 3, 2}),
            "argument 0 of 'sigmoid_attention': expected dimension 1 to be a "
            "multiple of 2 (dimension 1 of argument 1), got 3");
  EXPECT_EQ(check({1, 1, 2, 2}, {1, 1, 3, 2}, {1, 1, 4, 2}),
            "argument 2 of 'sigmoid_attention': expected dimension 2 to be 3 "
            "(dimension 2 of argument 1), got 4");
}

TEST(CompilerBadInput, BuffersOfAPartOfTheGradientAreChecked) {
  Result<CompiledFunction> function = Compiler(makeOptions()).compileSource(R"(
!m = memref<1x1x?x2xf32>
func.func @f(%q: !m, %k: !m, %dk: !m, %dv: !m) {
  attn.sigmoid_attention_backward %q, %k, %k, %q wrt<key_value> outs(%dk, %dv : !m, !m) : (!m, !m, !m, !m)
  return
})");
  ASSERT_TRUE(function.ok()) << function.message();
  std::vector<float> in(16), first(16), second(16);
  auto check = [&](int64_t keys, int64_t dk, int64_t dv) {
    return (*function)(
               {ArrayView(in.data(), ElementType::F32, {1, 1, 2, 2}),
                ArrayView(in.data(), ElementType::F32, {1, 1, keys, 2}),
                ArrayView(first.data(), ElementType::F32, {1, 1, dk, 2}),
                ArrayView(second.data(), ElementType::F32, {1, 1, dv, 2})})
        .message();
  };
  EXPECT_EQ(check(3, 3, 3), "");
  EXPECT_EQ(check(3, 2, 3), "argument 2 of 'f': expected dimension 2 to be 3 "
                            "(dimension 2 of argument 1), got 2");
  EXPECT_EQ(check(3, 3, 2), "argument 3 of 'f': expected dimension 2 to be 3 "
                            "(dimension 2 of argument 1), got 2");
}

TEST(CompilerBadInput, GroupsOfKnownHeadsAreChecked) {
  Result<CompiledFunction> function = Compiler(makeOptions()).compileSource(R"(
!q = tensor<1x4x?x2xf32>
!k = tensor<1x?x?x2xf32>
func.func @f(%q: !q, %k: !k) -> !q {
  %o = attn.sigmoid_attention %q, %k, %k : (!q, !k, !k) -> !q
  return %o : !q
})");
  ASSERT_TRUE(function.ok()) << function.message();
  std::vector<float> data(64);
  ArrayView q(data.data(), ElementType::F32, {1, 4, 3, 2});
  ArrayView k(data.data(), ElementType::F32, {1, 2, 3, 2});
  EXPECT_TRUE((*function)({q, k}).ok());
  k.shape[1] = 3;
  EXPECT_EQ((*function)({q, k}).message(),
            "argument 1 of 'f': expected dimension 1 to be a divisor of 4, "
            "got 3");
}

TEST(CompilerBadInput, BiasOfADescriptionIsChecked) {
  SigmoidAttentionSpec spec;
  spec.headDim = 2;
  spec.bias = SigmoidAttentionSpec::Bias::PerScore;
  Result<CompiledFunction> function = Compiler(makeOptions()).compile(spec);
  ASSERT_TRUE(function.ok()) << function.message();
  std::vector<float> data(64);
  ArrayView q(data.data(), ElementType::F32, {1, 2, 3, 2});
  ArrayView k(data.data(), ElementType::F32, {1, 2, 4, 2});
  auto check = [&](std::vector<int64_t> bias) {
    return (*function)(
               {q, k, k, ArrayView(data.data(), ElementType::F32, bias)})
        .message();
  };
  EXPECT_EQ(check({2, 3, 4}), "");
  EXPECT_EQ(check({2, 3, 5}),
            "argument 3 of 'sigmoid_attention': expected dimension 2 to be 4 "
            "(dimension 2 of argument 1), got 5");
}
