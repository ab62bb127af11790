//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestCompiler.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

#include <cmath>
#include <thread>

using namespace sigmoid_attn;
using Floats = std::vector<float>;

static Result<CompiledFunction> compile(const char *source,
                                        const std::string &entry = "") {
  return Compiler(makeOptions()).compileSource(source, entry);
}

TEST(Compiler, CompilesAndCalls) {
  Result<CompiledFunction> add = compile(kAddSource);
  ASSERT_TRUE(add.ok()) << add.message();
  EXPECT_EQ(add->target(), Target::CPU);
  EXPECT_EQ(add->signature().name, "add");
  Floats a{1, 2, 3}, b{10, 20, 30};
  Result<std::vector<Array>> results = (*add)({makeView(a), makeView(b)});
  ASSERT_TRUE(results.ok()) << results.message();
  ASSERT_EQ(results->size(), 1u);
  EXPECT_EQ((*results)[0].shape(), std::vector<int64_t>{3});
  EXPECT_EQ(getFloats((*results)[0]), (Floats{11, 22, 33}));
  // Arguments are tensors, so values.
  EXPECT_EQ(a, (Floats{1, 2, 3}));
}

TEST(Compiler, AcceptsEmptyArrays) {
  Result<CompiledFunction> add = compile(kAddSource);
  ASSERT_TRUE(add.ok()) << add.message();
  ArrayView empty(nullptr, ElementType::F32, {0});
  Result<std::vector<Array>> results = (*add)({empty, empty});
  ASSERT_TRUE(results.ok()) << results.message();
  EXPECT_EQ((*results)[0].shape(), std::vector<int64_t>{0});
}

TEST(Compiler, ReadsStridedArrays) {
  Result<CompiledFunction> add = compile(R"(
    func.func @add(%a: tensor<?x2xf32>) -> tensor<?x2xf32> {
      %c = linalg.add ins(%a, %a : tensor<?x2xf32>, tensor<?x2xf32>)
                      outs(%a : tensor<?x2xf32>) -> tensor<?x2xf32>
      return %c : tensor<?x2xf32>
    })");
  ASSERT_TRUE(add.ok()) << add.message();
  Floats a{1, 2, 9, 3, 4, 9};
  auto results =
      (*add)({ArrayView(a.data(), ElementType::F32, {2, 2}, {3, 1})});
  ASSERT_TRUE(results.ok()) << results.message();
  EXPECT_EQ(getFloats((*results)[0]), (Floats{2, 4, 6, 8}));
}

TEST(Compiler, SelectsTheEntry) {
  const char *source = R"(
    func.func private @helper(%x: f32) -> f32 {
      %y = arith.negf %x : f32
      return %y : f32
    }
    func.func @negate(%x: f32) -> f32 {
      %y = func.call @helper(%x) : (f32) -> f32
      return %y : f32
    }
    func.func @identity(%x: f32) -> f32 { return %x : f32 })";
  float x = 3;
  std::vector<ArrayView> arguments{ArrayView(&x, ElementType::F32, {})};
  for (auto [entry, expected] : {std::pair("negate", -3.0f), {"identity", 3}}) {
    Result<CompiledFunction> function = compile(source, entry);
    ASSERT_TRUE(function.ok()) << function.message();
    auto results = (*function)(arguments);
    ASSERT_TRUE(results.ok()) << results.message();
    EXPECT_EQ((*results)[0].shape(), std::vector<int64_t>());
    EXPECT_EQ(getFloats((*results)[0]), Floats{expected});
  }
}

// Names that mean something to the compiler or to C are just names.
TEST(Compiler, TakesAnyNameForAFunction) {
  for (const char *name :
       {"main", "sigmoid_attn_entry", "malloc", "free", "abort", "a b"}) {
    std::string source = "func.func @\"" + std::string(name) +
                         "\"(%x: f32) -> f32 { return %x : f32 }";
    Result<CompiledFunction> function = compile(source.c_str());
    ASSERT_TRUE(function.ok()) << name << ": " << function.message();
    float x = 3;
    auto results = (*function)({ArrayView(&x, ElementType::F32, {})});
    ASSERT_TRUE(results.ok()) << results.message();
    EXPECT_EQ(getFloats((*results)[0]), Floats{3}) << name;
  }
}

TEST(Compiler, PassesEveryElementType) {
  for (int i = 0; i < kNumElementTypes; ++i) {
    auto type = static_cast<ElementType>(i);
    std::string name = getElementTypeName(type);
    std::string source = "func.func @swap(%a: " + name + ", %b: tensor<2x" +
                         name + ">) -> (tensor<2x" + name + ">, " + name +
                         ") { return %b, %a : tensor<2x" + name + ">, " + name +
                         " }";
    Result<CompiledFunction> swap = compile(source.c_str());
    ASSERT_TRUE(swap.ok()) << swap.message();
    alignas(8) char scalar[8] = {1, 2, 3, 4, 5, 6, 7, 8}, tensor[16] = {1, 1};
    size_t size = getElementSize(type);
    auto results =
        (*swap)({ArrayView(scalar, type, {}), ArrayView(tensor, type, {2})});
    ASSERT_TRUE(results.ok()) << results.message();
    ASSERT_EQ(results->size(), 2u);
    EXPECT_EQ(std::memcmp((*results)[0].data(), tensor, 2 * size), 0) << name;
    EXPECT_EQ(std::memcmp((*results)[1].data(), scalar, size), 0) << name;
  }
}

TEST(Compiler, WritesMemrefs) {
  Result<CompiledFunction> copy = compile(R"(
    func.func @copy(%a: memref<?xf32>, %b: memref<?xf32>) {
      linalg.copy ins(%a : memref<?xf32>) outs(%b : memref<?xf32>)
      return
    })");
  ASSERT_TRUE(copy.ok()) << copy.message();
  EXPECT_FALSE(copy->signature().arguments[0].written);
  EXPECT_TRUE(copy->signature().arguments[1].written);
  Floats a{1, 2, 3}, b(3);
  auto results = (*copy)({makeView(a), makeView(b)});
  ASSERT_TRUE(results.ok()) << results.message();
  EXPECT_TRUE(results->empty());
  EXPECT_EQ(b, a);
}

// Results are the caller's even if the function returns one thing twice, an
// argument or a constant.
TEST(Compiler, ReturnsOwnedResults) {
  Result<CompiledFunction> function = compile(R"(
    func.func @f(%a: tensor<2xf32>)
        -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
      %c = arith.constant dense<[5.0, 6.0]> : tensor<2xf32>
      return %a, %a, %c : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
    })");
  ASSERT_TRUE(function.ok()) << function.message();
  Floats a{1, 2};
  for (int i = 0; i < 2; ++i) {
    auto results = (*function)({makeView(a)});
    ASSERT_TRUE(results.ok()) << results.message();
    EXPECT_EQ(getFloats((*results)[0]), a);
    EXPECT_EQ(getFloats((*results)[1]), a);
    EXPECT_EQ(getFloats((*results)[2]), (Floats{5, 6}));
    EXPECT_NE((*results)[0].data(), (*results)[1].data());
    static_cast<float *>((*results)[2].data())[0] = 7;
  }
}

TEST(Compiler, ReturnsMemrefArgumentsAsCopies) {
  Result<CompiledFunction> function = compile(R"(
    func.func @f(%a: memref<?xf32>) -> (memref<?xf32>, memref<?xf32>) {
      return %a, %a : memref<?xf32>, memref<?xf32>
    })");
  ASSERT_TRUE(function.ok()) << function.message();
  Floats a{1, 2};
  auto results = (*function)({makeView(a)});
  ASSERT_TRUE(results.ok()) << results.message();
  ASSERT_EQ(results->size(), 2u);
  for (const Array &result : *results) {
    EXPECT_NE(result.data(), a.data());
    EXPECT_EQ(getFloats(result), a);
  }
}

// The loop of a splat runs on worker threads; the allocation does not.
TEST(Compiler, RunsOutOfMemoryWithAnError) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer does not let malloc fail";
#endif
  Result<CompiledFunction> function = compile(R"(
    func.func @huge(%x: f32) -> tensor<1000000x100000000xf32> {
      %y = tensor.splat %x : tensor<1000000x100000000xf32>
      return %y : tensor<1000000x100000000xf32>
    })");
  ASSERT_TRUE(function.ok()) << function.message();
  float x = 3;
  for (int i = 0; i < 2; ++i) {
    auto results = (*function)({ArrayView(&x, ElementType::F32, {})});
    EXPECT_EQ(results.status().code(), ErrorCode::RuntimeError);
    EXPECT_EQ(results.message().substr(0, 24), "'huge': cannot allocate ");
  }
}

TEST(Compiler, FailedAssertionsAreErrors) {
  Result<CompiledFunction> function = compile(R"(
    func.func @assert(%x: i1) -> i1 {
      cf.assert %x, "must hold"
      return %x : i1
    })");
  ASSERT_TRUE(function.ok()) << function.message();
  bool x = false;
  std::vector<ArrayView> arguments{ArrayView(&x, ElementType::I1, {})};
  EXPECT_EQ((*function)(arguments).message(),
            "'assert': an assertion of the function failed");
  x = true;
  EXPECT_TRUE((*function)(arguments).ok());
}

TEST(Compiler, CompilesModules) {
  mlir::MLIRContext context;
  context.loadDialect<mlir::func::FuncDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(
      "func.func @identity(%x: f32) -> f32 { return %x : f32 }", &context);
  Compiler compiler(makeOptions());
  Result<CompiledFunction> function = compiler.compileModule(*module);
  ASSERT_TRUE(function.ok()) << function.message();
  float x = 3;
  auto results = (*function)({ArrayView(&x, ElementType::F32, {})});
  EXPECT_EQ(getFloats((*results)[0]), Floats{3});
}

TEST(Compiler, FunctionsOutliveTheCompiler) {
  std::optional<CompiledFunction> add;
  {
    Compiler compiler(makeOptions());
    add = *compiler.compileSource(kAddSource);
  }
  Floats a{1};
  EXPECT_EQ(getFloats((*(*add)({makeView(a), makeView(a)}))[0]), Floats{2});
}

TEST(Compiler, WorksFromManyThreads) {
  Compiler compiler(makeOptions());
  std::vector<std::thread> threads;
  std::vector<int> failures(4);
  for (int index = 0; index < 4; ++index)
    threads.emplace_back([&, index] {
      Result<CompiledFunction> add = compiler.compileSource(kAddSource);
      Floats a(100, index), sum(100, 2 * index);
      for (int i = 0; i < 50; ++i) {
        auto results = (*add)({makeView(a), makeView(a)});
        failures[index] += !results.ok() || getFloats((*results)[0]) != sum;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(failures, std::vector<int>(4));
}

/// Attention of one query over two keys, with values 1 and 2.
static float attend(const SigmoidAttentionSpec &spec,
                    std::vector<ArrayView> extra) {
  Compiler compiler(makeOptions());
  Result<CompiledFunction> function = compiler.compile(spec);
  EXPECT_TRUE(function.ok()) << function.message();
  if (!function.ok())
    return NAN;
  Floats q{1, 1}, k{1, 0, 0, 2}, v{1, 2};
  std::vector<ArrayView> arguments{
      ArrayView(q.data(), ElementType::F32, {1, 1, 1, 2}),
      ArrayView(k.data(), ElementType::F32, {1, 1, 2, 2}),
      ArrayView(v.data(), ElementType::F32, {1, 1, 2, 1})};
  arguments.insert(arguments.end(), extra.begin(), extra.end());
  auto results = (*function)(arguments);
  EXPECT_TRUE(results.ok()) << results.message();
  return results.ok() ? getFloats((*results)[0])[0] : NAN;
}

TEST(Compiler, CompilesDescriptions) {
  auto sigmoid = [](float x) { return 1 / (1 + std::exp(-x)); };
  SigmoidAttentionSpec spec;
  spec.headDim = 2;
  spec.valueHeadDim = 1;
  float root = std::sqrt(2.0f);
  EXPECT_NEAR(attend(spec, {}), sigmoid(1 / root) + 2 * sigmoid(2 / root),
              1e-6);
  spec.hasScale = true;
  spec.bias = SigmoidAttentionSpec::Bias::Scalar;
  float scale = 2, bias = -1;
  ArrayView scaleView(&scale, ElementType::F32, {});
  EXPECT_NEAR(attend(spec, {scaleView, ArrayView(&bias, ElementType::F32, {})}),
              sigmoid(1) + 2 * sigmoid(3), 1e-6);
  spec.bias = SigmoidAttentionSpec::Bias::PerHead;
  EXPECT_NEAR(
      attend(spec, {scaleView, ArrayView(&bias, ElementType::F32, {1})}),
      sigmoid(1) + 2 * sigmoid(3), 1e-6);
  spec.bias = SigmoidAttentionSpec::Bias::PerScore;
  Floats biases{-1, -2};
  EXPECT_NEAR(attend(spec, {scaleView, ArrayView(biases.data(),
                                                 ElementType::F32, {1, 1, 2})}),
              sigmoid(1) + 2 * sigmoid(2), 1e-6);
}
