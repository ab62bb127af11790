//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the user reads when the driver, the device or the code is at fault.
//
//===----------------------------------------------------------------------===//

#include "LaunchFixture.h"

#include <filesystem>

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;
using namespace sigmoid_attn::test;

namespace {
class FailureTest : public LaunchFixture {
protected:
  std::string problemOfLaunch() {
    return launch(*kernel, arguments, stream).message();
  }

  TestArguments arguments{2, 4, 2, 100, 50};
  std::shared_ptr<Kernel> kernel = makeKernel();
};
} // namespace

static const char kShapes[] =
    " (query 2x4x100x64xbf16, key 2x2x50x64xbf16, value 2x2x50x64xbf16, bias "
    "-2, output 2x4x100x64xbf16)";

TEST_F(FailureTest, launch) {
  machine.failures["cuLaunchKernelEx"] = 1;
  EXPECT_EQ(problemOfLaunch(),
            std::string("sigmoid_attention: kernel attention_fast: "
                        "cuLaunchKernelEx failed: CUDA_ERROR_INVALID_VALUE "
                        "(invalid argument); 8x1x1 blocks of 384 threads with "
                        "100000 bytes of shared memory") +
                kShapes);
}

TEST_F(FailureTest, tensorMap) {
  machine.failures["cuTensorMapEncodeTiled"] = 1;
  EXPECT_EQ(problemOfLaunch(),
            std::string("sigmoid_attention: kernel attention_fast: tensor map "
                        "of query: cuTensorMapEncodeTiled failed: "
                        "CUDA_ERROR_INVALID_VALUE (invalid argument)") +
                kShapes);
  machine.failures.clear();
  EXPECT_EQ(problemOfLaunch(), "") << "failures are not cached";
}

TEST_F(FailureTest, recipesOfTooManyParameters) {
  auto problemOf = [](const Recipe &recipe) {
    KernelFile file;
    file.recipes = {recipe};
    file.ptx = ".version 8.3";
    return Kernel::create(std::move(file)).message();
  };
  Recipe recipe = makeForwardRecipe();
  std::vector<RecipeParameter> &parameters =
      recipe.variants[0].launches[0].parameters;
  parameters.assign(17, parameters[0]);
  EXPECT_EQ(problemOf(recipe),
            "sigmoid_attention: kernel attention_fast: expected at most 4096 "
            "bytes of parameters, got about 4352");
  recipe = makeForwardRecipe();
  for (int i = 0; i < 32; ++i)
    recipe.arguments.push_back(
        makeTensor("table" + std::to_string(i), "8", "8"));
  EXPECT_EQ(problemOf(recipe),
            "sigmoid_attention: expected at most 256 sizes, strides and "
            "scalars, got 295");
}

TEST_F(FailureTest, tensorMapLimits) {
  int64_t length = arguments.keySizes[2];
  arguments.keySizes[2] = (int64_t(1) << 32) + 1;
  EXPECT_NE(problemOfLaunch().find("tensor map of key: expected a size of at "
                                   "most 4294967296 in dimension 2, got "
                                   "4294967297"),
            std::string::npos);
  arguments.keySizes[2] = length;
  arguments.queryStrides[0] = int64_t(1) << 39;
  EXPECT_EQ(problemOfLaunch(),
            std::string("sigmoid_attention: kernel attention_fast: tensor map "
                        "of query: expected a stride below 1099511627776 bytes "
                        "in dimension 0, got 1099511627776") +
                kShapes);
}

TEST_F(FailureTest, moduleLoadCarriesTheCompilersLog) {
  machine.failures["cuModuleLoadDataEx"] = 222;
  machine.compilerLog = "ptxas fatal : unsupported version";
  EXPECT_EQ(problemOfLaunch(),
            "sigmoid_attention: PTX: cuModuleLoadDataEx failed: "
            "CUDA_ERROR_UNSUPPORTED_PTX_VERSION; the driver is older than the "
            "PTX: update it, or pack a cubin with the kernel (format=bin); "
            "ptxas fatal : unsupported version");
  machine.failures.clear();
  EXPECT_EQ(problemOfLaunch(), "");
}

TEST_F(FailureTest, missingKernelUnloadsTheModule) {
  machine.failures["cuModuleGetFunction"] = 500;
  EXPECT_EQ(problemOfLaunch(),
            "sigmoid_attention: kernel attention_fast: cuModuleGetFunction "
            "failed: error 500");
  EXPECT_EQ(machine.calls["cuModuleUnload"], 1);
}

TEST_F(FailureTest, sharedMemoryThatDoesNotFit) {
  machine.failures["cuFuncSetAttribute"] = 1;
  EXPECT_EQ(problemOfLaunch(),
            "sigmoid_attention: kernel attention_fast: cuFuncSetAttribute of "
            "100000 bytes of shared memory failed: CUDA_ERROR_INVALID_VALUE "
            "(invalid argument)");
}

TEST_F(FailureTest, wrongChip) {
  auto other = makeKernel([](Recipe &recipe) { recipe.chip = "sm_100a"; });
  EXPECT_EQ(launch(*other, arguments, stream).message(),
            "sigmoid_attention: expected a GPU that runs sm_100a code, got "
            "device 0, Mock GPU 0 (sm_90); compile for this chip, or use "
            "another device or the CPU");
  auto older = makeKernel([](Recipe &recipe) { recipe.chip = "sm_80"; });
  EXPECT_FALSE(launch(*older, arguments, stream).ok());
  auto plain = makeKernel([](Recipe &recipe) { recipe.chip = "sm_90"; });
  EXPECT_EQ(launch(*plain, arguments, stream).message(), "");
}

TEST_F(FailureTest, gridsOutOfRange) {
  auto wide = makeKernel([](Recipe &recipe) {
    recipe.variants[0].launches[0].grid[1] = "query_length * 1000";
  });
  EXPECT_EQ(launch(*wide, arguments, stream).message(),
            std::string("sigmoid_attention: kernel attention_fast: grid y: "
                        "expected 1 to 65535 blocks, got 100000") +
                kShapes);
  auto none = makeKernel([](Recipe &recipe) {
    recipe.variants[0].launches[0].grid[2] = "1 / (batch - 2)";
  });
  EXPECT_EQ(launch(*none, arguments, stream).message(),
            std::string("sigmoid_attention: kernel attention_fast: grid z: 1 / "
                        "(batch - 2): division by zero") +
                kShapes);
}

TEST_F(FailureTest, unknownStream) {
  EXPECT_EQ(launch(*kernel, arguments, makeAddress(3, 0)).message(),
            "sigmoid_attention: stream: cuStreamGetCtx failed: error 400");
}

TEST_F(FailureTest, cubinIsPreferredToPTX) {
  KernelFile file;
  file.recipes = {makeForwardRecipe()};
  file.ptx = "the PTX";
  file.cubin = "the cubin";
  auto both = Kernel::create(file);
  ASSERT_TRUE(both.ok());
  ASSERT_TRUE(launch(**both, arguments, stream).ok());
  EXPECT_EQ(machine.images, std::vector<std::string>{"the cubin"});
  file.ptx.clear();
  file.cubin.clear();
  EXPECT_EQ(Kernel::create(file).message(),
            "sigmoid_attention: expected PTX or a cubin, got neither");
}

TEST(DriverTest, missing) {
  auto driver = Driver::load("libcuda-that-is-not-there.so.1");
  EXPECT_EQ(driver.status().code(), ErrorCode::Unavailable);
  EXPECT_EQ(driver.message(),
            "no NVIDIA driver: libcuda-that-is-not-there.so.1: cannot open "
            "shared object file: No such file or directory; install the NVIDIA "
            "driver, version 545 or newer, or use the CPU");
}

TEST(DriverTest, noGPU) {
  MockCuda &machine = getMockCuda();
  machine.failures["cuInit"] = CUDA_ERROR_NO_DEVICE;
  auto driver = Driver::load(getenv("SIGMOID_ATTN_LIBCUDA"));
  EXPECT_EQ(driver.message(),
            "no NVIDIA GPU: cuInit failed: CUDA_ERROR_NO_DEVICE (no "
            "CUDA-capable device is detected); see what nvidia-smi lists, and "
            "unset CUDA_VISIBLE_DEVICES if it hides the GPU");
  machine.failures["cuInit"] = 804;
  EXPECT_EQ(Driver::load(getenv("SIGMOID_ATTN_LIBCUDA")).message(),
            "the NVIDIA driver does not start: cuInit failed: error 804; see "
            "what nvidia-smi says");
  machine.failures.clear();
}

/// The old driver's path: beside this program, wherever that is.
static std::string getOldDriver() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() /
         "libSigmoidAttnOldCuda.so";
}

TEST(DriverTest, tooOld) {
  EXPECT_EQ(Driver::load(getOldDriver()).message(),
            "the NVIDIA driver is too old: expected support for CUDA 12.0 or "
            "newer, got 11.4; update the NVIDIA driver to version 545 or newer "
            "(CUDA 12.3)");
  setenv("SIGMOID_ATTN_TEST_DRIVER_VERSION", "12000", 1);
  EXPECT_EQ(Driver::load(getOldDriver()).message(),
            "the NVIDIA driver is too old: it has no cuDeviceGetCount; update "
            "the NVIDIA driver to version 545 or newer (CUDA 12.3)");
  unsetenv("SIGMOID_ATTN_TEST_DRIVER_VERSION");
}
