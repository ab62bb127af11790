//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler for the GPU, up to the launch, on the mock GPUs.
//
//===----------------------------------------------------------------------===//

#include "Backend.h"

#include "LaunchFixture.h"
#include "TestCompiler.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

namespace {
class CompilerDeviceTest : public LaunchFixture {
protected:
  static CompilerOptions optionsFor(Target target) {
    CompilerOptions options = makeOptions();
    options.target = target;
    return options;
  }
};
} // namespace

static const char kAttention[] = R"(
func.func @attention(%q: tensor<?x?x?x64xbf16>, %k: tensor<?x?x?x64xbf16>,
                     %bias: f32) -> tensor<?x?x?x64xbf16> {
  %o = attn.sigmoid_attention %q, %k, %k bias(%bias) mask<causal>
      : (tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>)
      -> tensor<?x?x?x64xbf16>
  return %o : tensor<?x?x?x64xbf16>
}
)";

TEST_F(CompilerDeviceTest, attentionBecomesALaunch) {
  for (Target target : {Target::SM90, Target::Auto}) {
    machine.reset();
    Compiler compiler(optionsFor(target));
    auto function = compiler.compileSource(kAttention);
    ASSERT_TRUE(function.ok()) << function.message();
    EXPECT_EQ(function->target(), Target::SM90);
    EXPECT_EQ(machine.images.size(), 1u) << "loaded before the first call";
    ASSERT_NE(function->kernel(), nullptr);
    EXPECT_EQ(function->kernel()->recipe().arguments.size(), 4u);

    std::vector<uint16_t> ones(2 * 100 * 64, 0x3f80);
    float bias = -2;
    ArrayView query(ones.data(), ElementType::BF16, {1, 2, 100, 64});
    ArrayView key(ones.data(), ElementType::BF16, {1, 1, 100, 64});
    auto results =
        (*function)({query, key, ArrayView(&bias, ElementType::F32, {})});
    ASSERT_TRUE(results.ok()) << results.message();
    EXPECT_EQ((*results)[0].shape(), query.shape);
    ASSERT_EQ(machine.launches.size(), 1u);
    EXPECT_GT(machine.launches[0].sharedMemory, 0u);
  }
}

TEST_F(CompilerDeviceTest, autoTakesTheCPUForTheRest) {
  Compiler compiler(optionsFor(Target::Auto));
  auto function = compiler.compileSource(kAddSource);
  ASSERT_TRUE(function.ok()) << function.message();
  EXPECT_EQ(function->target(), Target::CPU);
  EXPECT_EQ(function->kernel(), nullptr);
  std::vector<float> ones = {1, 2};
  auto results = (*function)({makeView(ones), makeView(ones)});
  ASSERT_TRUE(results.ok()) << results.message();
  EXPECT_EQ(getFloats((*results)[0]), (std::vector<float>{2, 4}));
}

TEST_F(CompilerDeviceTest, theGPUAloneRefusesWhatItCannotDo) {
  Compiler compiler(optionsFor(Target::SM90));
  auto function = compiler.compileSource(kAddSource);
  ASSERT_FALSE(function.ok());
  EXPECT_EQ(function.status().code(), ErrorCode::CompileError);
  EXPECT_EQ(function.message(),
            "'add' makes no kernel for sm_90a: expected one "
            "attn.sigmoid_attention, or linalg that is one, got none; the "
            "target cpu compiles any function");
}

TEST_F(CompilerDeviceTest, foreignCodeIsRefused) {
  auto backend = createAutoBackend();
  ASSERT_TRUE(backend.ok()) << backend.message();
  EXPECT_EQ((*backend)->load("code", FunctionSignature()).message(),
            "expected code for the GPU or the CPU");
}

TEST_F(CompilerDeviceTest, pipelineOptions) {
  CompilerOptions options = optionsFor(Target::SM90);
  options.pipelineOptions = "sigmoid=exact";
  auto function = Compiler(options).compileSource(kAttention);
  EXPECT_TRUE(function.ok()) << function.message();
  options.pipelineOptions = "tiles=7";
  function = Compiler(options).compileSource(kAttention);
  ASSERT_FALSE(function.ok());
  EXPECT_EQ(
      function.message().rfind("pipeline options 'tiles=7' are not valid", 0),
      0u)
      << function.message();
}

TEST_F(CompilerDeviceTest, aComputedBiasIsTheKernels) {
  auto function = Compiler(optionsFor(Target::SM90)).compileSource(R"(
!t = tensor<1x2x?x64xbf16>
func.func @attention(%q: !t, %k: !t) -> !t {
  %c2 = arith.constant 2 : index
  %length = tensor.dim %k, %c2 : !t
  %integer = arith.index_cast %length : index to i64
  %number = arith.sitofp %integer : i64 to f32
  %log = math.log %number : f32
  %bias = arith.negf %log : f32
  %o = attn.sigmoid_attention %q, %k, %k bias(%bias) : (!t, !t, !t) -> !t
  return %o : !t
})");
  ASSERT_TRUE(function.ok()) << function.message();
  std::vector<uint16_t> ones(2 * 7 * 64, 0x3f80);
  ArrayView array(ones.data(), ElementType::BF16, {1, 2, 7, 64});
  auto results = (*function)({array, array});
  EXPECT_TRUE(results.ok()) << results.message();
  EXPECT_EQ(machine.launches.size(), 1u);
}

TEST_F(CompilerDeviceTest, aBiasOfRank0GoesToTheDevice) {
  auto function = Compiler(optionsFor(Target::SM90)).compileSource(R"(
!t = tensor<1x2x?x64xbf16>
func.func @attention(%q: !t, %k: !t, %b: tensor<f32>) -> !t {
  %bias = tensor.extract %b[] : tensor<f32>
  %o = attn.sigmoid_attention %q, %k, %k bias(%bias) : (!t, !t, !t) -> !t
  return %o : !t
})");
  ASSERT_TRUE(function.ok()) << function.message();
  std::vector<uint16_t> ones(2 * 7 * 64, 0x3f80);
  ArrayView array(ones.data(), ElementType::BF16, {1, 2, 7, 64});
  float bias = -2;
  auto results =
      (*function)({array, array, ArrayView(&bias, ElementType::F32, {})});
  EXPECT_TRUE(results.ok()) << results.message();
  EXPECT_EQ(machine.launches.size(), 1u);
  EXPECT_EQ(machine.calls["cuMemcpyHtoD"], 3);
}

TEST_F(CompilerDeviceTest, oneEntryOfSeveral) {
  const char *source = R"(
!t = tensor<1x2x?x64xbf16>
!f = tensor<1x2x?x64xf32>
func.func @first(%q: !t) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q : (!t, !t, !t) -> !t
  return %o : !t
}
func.func @second(%q: !t) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q mask<causal> : (!t, !t, !t) -> !t
  return %o : !t
}
func.func @wide(%q: !f) -> !f {
  %o = attn.sigmoid_attention %q, %q, %q : (!f, !f, !f) -> !f
  return %o : !f
})";
  for (const char *entry : {"first", "second"}) {
    auto function =
        Compiler(optionsFor(Target::SM90)).compileSource(source, entry);
    ASSERT_TRUE(function.ok()) << function.message();
    EXPECT_EQ(function->kernel()->recipe().name, entry);
  }
}

namespace {
/// A program that stands for a ptxas that spills, for as long as this lives.
class SpillingPtxas {
public:
  SpillingPtxas() {
    if (const char *value = std::getenv(kVariable))
      before = value;
    std::ofstream(path) << R"(#!/bin/sh
if [ "$1" = --version ]; then echo "release 13.0, V13.0.88"; exit; fi
while [ "$1" != -o ]; do shift; done
printf CODE > "$2"
echo "ptxas info    : Function properties for attention"
echo "    16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads"
)";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    setenv(kVariable, path.c_str(), /*overwrite=*/1);
  }
  ~SpillingPtxas() {
    std::filesystem::remove(path);
    if (before)
      setenv(kVariable, before->c_str(), /*overwrite=*/1);
    else
      unsetenv(kVariable);
  }

private:
  static constexpr const char *kVariable = "SIGMOID_ATTN_PTXAS";
  std::string path = ::testing::TempDir() + "spilling-ptxas";
  std::optional<std::string> before;
};
} // namespace

TEST_F(CompilerDeviceTest, slowCodeIsCode) {
  SpillingPtxas ptxas;
  CompilerOptions options = optionsFor(Target::SM90);
  auto function = Compiler(options).compileSource(kAttention);
  EXPECT_TRUE(function.ok()) << function.message();
  options.pipelineOptions = "strict=true";
  function = Compiler(options).compileSource(kAttention);
  ASSERT_FALSE(function.ok());
  EXPECT_NE(function.message().find(
                "ptxas: attention spills registers: 8 bytes of stores, 12 "
                "bytes of loads"),
            std::string::npos)
      << function.message();
}

TEST_F(CompilerDeviceTest, dumpHasEachPhase) {
  namespace fs = std::filesystem;
  std::string folder = ::testing::TempDir() + "device-dump";
  fs::remove_all(folder);
  CompilerOptions options = optionsFor(Target::SM90);
  options.dumpDirectory = folder;
  auto function = Compiler(options).compileSource(kAttention);
  ASSERT_TRUE(function.ok()) << function.message();
  std::string dump = fs::directory_iterator(folder)->path();
  for (const char *name :
       {"input.mlir", "passes-1-kernel", "passes-2-llvm", "passes-3-binary",
        "recipe.json", "kernel.ptx", "kernel.cubin"})
    EXPECT_TRUE(fs::exists(dump + "/" + name)) << name;
  fs::remove_all(folder);
}

TEST_F(CompilerDeviceTest, shortTablesAreRefused) {
  Compiler compiler(optionsFor(Target::SM90));
  auto function = compiler.compileSource(R"(
func.func @alibi(%q: tensor<?x?x?x64xbf16>, %slopes: tensor<?xf32>) -> tensor<?x?x?x64xbf16> {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %batch, %head, %i, %j) {
    %slope = tensor.extract %slopes[%head] : tensor<?xf32>
    %y = arith.mulf %x, %slope : f32
    attn.yield %y : f32
  } : (tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>, tensor<?x?x?x64xbf16>) -> tensor<?x?x?x64xbf16>
  return %o : tensor<?x?x?x64xbf16>
})");
  ASSERT_TRUE(function.ok()) << function.message();
  ASSERT_NE(function->kernel(), nullptr);
  const std::string &name =
      function->kernel()->recipe().variants[0].launches[0].kernel;
  for (const RecipeParameter &parameter :
       function->kernel()->recipe().variants[0].launches[0].parameters)
    machine.parameterSizes[name].push_back(
        parameter.kind == RecipeParameter::Kind::TensorMap ? 128
        : parameter.kind == RecipeParameter::Kind::Value
            ? getElementSize(parameter.type)
            : 8);
  TestArguments like(2, 4, 4, 100, 100);
  int64_t stride = 1;
  auto launchWith = [&](int64_t heads) {
    std::vector<Argument> list{like.list[0],
                               Argument::tensor(makeAddress(0, 0x50000000),
                                                ElementType::F32, 1, &heads,
                                                &stride),
                               like.list[4]};
    return function->kernel()->launch(list.data(), list.size(), stream);
  };
  EXPECT_EQ(launchWith(3).message(),
            "alibi: argument_1: expected argument_1.size.0 - query.size.1 to "
            "be at least 0 where argument_1.size.0 is 3, query.size.1 is 4, "
            "got -1");
  EXPECT_EQ(machine.launches.size(), 0u);
  EXPECT_EQ(launchWith(4).message(), "");
  EXPECT_EQ(machine.launches.size(), 1u);

  // Host arrays are refused before they are copied.
  std::vector<uint16_t> query(4 * 2 * 64);
  std::vector<float> slopes(4);
  auto results =
      (*function)({ArrayView(query.data(), ElementType::BF16, {1, 4, 2, 64}),
                   ArrayView(slopes.data(), ElementType::F32, {3})});
  EXPECT_EQ(results.message(),
            "argument 1 of 'alibi': expected dimension 0 to be at least 4 "
            "(dimension 1 of argument 0), got 3");
}
