//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Launches on the mock GPUs: what the driver is asked for.
//
//===----------------------------------------------------------------------===//

#include "LaunchFixture.h"

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;
using namespace sigmoid_attn::test;

namespace {
using LaunchTest = LaunchFixture;
} // namespace

template <typename T>
static T valueOf(const std::vector<unsigned char> &bytes) {
  T value = {};
  EXPECT_EQ(bytes.size(), sizeof(T));
  memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof(T)));
  return value;
}

TEST_F(LaunchTest, parametersArePackedInOrder) {
  auto kernel = makeKernel();
  TestArguments arguments(2, 4, 2, 100, 50);
  ASSERT_EQ(launch(*kernel, arguments, stream).message(), "");
  ASSERT_EQ(machine.launches.size(), 1u);
  const MockLaunch &made = machine.launches[0];
  EXPECT_EQ(made.kernel, "attention_fast");
  EXPECT_EQ(made.grid[0], 8u);
  EXPECT_EQ(made.grid[1], 1u);
  EXPECT_EQ(made.threads, 384u);
  EXPECT_EQ(made.sharedMemory, 100000u);
  EXPECT_EQ(made.stream, stream);
  EXPECT_EQ(machine.sharedMemoryLimit["attention_fast"], 100000);
  // The mock's maps begin with their number.
  EXPECT_EQ(valueOf<CUtensorMap>(made.parameters[0]).opaque[0], 0u);
  EXPECT_EQ(valueOf<CUtensorMap>(made.parameters[2]).opaque[0], 2u);
  EXPECT_EQ(valueOf<void *>(made.parameters[3]), arguments.list[4].data);
  EXPECT_EQ(valueOf<int64_t>(made.parameters[4]), 64);
  EXPECT_EQ(valueOf<int32_t>(made.parameters[5]), 50);
  EXPECT_EQ(valueOf<float>(made.parameters[6]), -1.0f);
  EXPECT_EQ(valueOf<uint64_t>(made.parameters[7]) % 128, 0u);
}

TEST_F(LaunchTest, gridIsLimitedByTheMultiprocessors) {
  auto kernel = makeKernel();
  TestArguments arguments(2, 16, 2, 4096, 50);
  ASSERT_TRUE(launch(*kernel, arguments, stream).ok());
  EXPECT_EQ(machine.launches[0].grid[0], 132u);
}

TEST_F(LaunchTest, biasChoosesTheVariant) {
  auto kernel = makeKernel();
  TestArguments arguments(2, 4, 2, 100, 50);
  arguments.list[3] = Argument::scalar(-11.0);
  ASSERT_TRUE(launch(*kernel, arguments, stream).ok());
  EXPECT_EQ(machine.launches[0].kernel, "attention_exact");
}

TEST_F(LaunchTest, tensorsOfRank0) {
  auto kernel = makeKernel([](Recipe &r) {
    r.arguments[3].isTensor = true;
    r.arguments[3].alignment = 4;
    r.variants.erase(r.variants.begin());
    r.variants[0].launches[0].parameters[6] = RecipeParameter::pointer("bias");
  });
  ASSERT_NE(kernel, nullptr);
  machine.parameterSizes["attention_exact"][6] = 8;
  TestArguments arguments(2, 4, 2, 100, 50);
  arguments.list[3] = Argument::tensor(makeAddress(0, 0x60000004),
                                       ElementType::F32, 0, nullptr, nullptr);
  for (int i = 0; i < 2; ++i)
    ASSERT_EQ(launch(*kernel, arguments, stream).message(), "");
  EXPECT_EQ(valueOf<void *>(machine.launches[1].parameters[6]),
            arguments.list[3].data);
  EXPECT_EQ(machine.calls["cuPointerGetAttributes"], 5) << "the plan is kept";
  arguments.list[3].data = makeAddress(0, 0x60000002);
  EXPECT_EQ(launch(*kernel, arguments, stream).message(),
            "sigmoid_attention: bias: expected an address aligned to 4 bytes, "
            "got one with a remainder of 2");
  arguments.list[3].rank = 1;
  EXPECT_EQ(launch(*kernel, arguments, stream).message(),
            "sigmoid_attention: bias: expected rank 0, got 1");
}

TEST_F(LaunchTest, tensorMapsDescribeTheTensors) {
  auto kernel = makeKernel();
  TestArguments arguments(2, 4, 2, 100, 50);
  // Query in (b, s, h, d).
  arguments.queryStrides = {100 * 4 * 64, 64, 4 * 64, 1};
  ASSERT_TRUE(launch(*kernel, arguments, stream).ok());
  ASSERT_EQ(machine.tensorMaps.size(), 3u);
  const MockTensorMap &query = machine.tensorMaps[0];
  EXPECT_EQ(query.dataType, CU_TENSOR_MAP_DATA_TYPE_BFLOAT16);
  EXPECT_EQ(query.sizes, (std::vector<uint64_t>{64, 100, 4, 2}));
  EXPECT_EQ(query.strides, (std::vector<uint64_t>{512, 128, 51200}));
  EXPECT_EQ(query.box, (std::vector<uint32_t>{64, 128, 1, 1}));
  EXPECT_EQ(query.address, arguments.list[0].data);
  EXPECT_EQ(query.swizzle, 3);
  EXPECT_EQ(query.l2Promotion, 3);
  EXPECT_TRUE(query.isPlain);
  EXPECT_EQ(machine.tensorMaps[1].box[1], 96u);
}

TEST_F(LaunchTest, stridesOfOneElementAreReplaced) {
  auto kernel = makeKernel();
  TestArguments arguments(1, 4, 2, 1, 50);
  arguments.queryStrides = {-5, 64, 3, 1};
  ASSERT_EQ(launch(*kernel, arguments, stream).message(), "");
  EXPECT_EQ(machine.tensorMaps[0].strides,
            (std::vector<uint64_t>{128, 128, 128}));
}

TEST_F(LaunchTest, codeAndTensorMapsAreCached) {
  auto kernel = makeKernel();
  TestArguments arguments(2, 4, 2, 100, 50);
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(launch(*kernel, arguments, stream).ok());
  EXPECT_EQ(machine.launches.size(), 5u);
  EXPECT_EQ(machine.images.size(), 1u);
  EXPECT_EQ(machine.tensorMaps.size(), 3u);
  EXPECT_EQ(machine.calls["cuMemAlloc"], 0) << "of this kernel's launches";
  EXPECT_EQ(machine.calls["cuPointerGetAttributes"], 4) << "of the first one";
  // Another address, shape or stride is another map.
  arguments.list[0].data = makeAddress(0, 0x40000000);
  ASSERT_TRUE(launch(*kernel, arguments, stream).ok());
  EXPECT_EQ(machine.tensorMaps.size(), 4u);
  arguments.keySizes[2] = 49;
  ASSERT_TRUE(launch(*kernel, arguments, stream).ok());
  EXPECT_EQ(machine.tensorMaps.size(), 6u);
  arguments.valueStrides[2] = 72;
  ASSERT_TRUE(launch(*kernel, arguments, stream).ok());
  EXPECT_EQ(machine.tensorMaps.size(), 7u);
}

TEST_F(LaunchTest, scalarsAndStreamsArePartOfTheCall) {
  auto kernel = makeKernel();
  TestArguments arguments(2, 4, 2, 100, 50);
  CUstream other = machine.addStream(0);
  for (double bias : {-2.0, -11.0, -2.0, -3.0})
    for (CUstream used : {stream, other}) {
      arguments.list[3] = Argument::scalar(bias);
      ASSERT_TRUE(launch(*kernel, arguments, used).ok());
      const MockLaunch &made = machine.launches.back();
      EXPECT_EQ(made.stream, used);
      EXPECT_EQ(made.kernel, bias < -9 ? "attention_exact" : "attention_fast");
      EXPECT_EQ(valueOf<float>(made.parameters[6]), bias / 2);
    }
  EXPECT_EQ(machine.tensorMaps.size(), 6u) << "three for each kernel";
}

TEST_F(LaunchTest, emptyOutputsLaunchNothing) {
  auto kernel = makeKernel();
  for (int dimension : {0, 1, 2}) {
    TestArguments arguments(dimension == 0 ? 0 : 2, dimension == 1 ? 0 : 4, 2,
                            dimension == 2 ? 0 : 100, 50);
    EXPECT_EQ(launch(*kernel, arguments, stream).message(), "");
  }
  EXPECT_TRUE(machine.launches.empty());
  EXPECT_EQ(machine.calls.size(), 0u);
}

TEST_F(LaunchTest, withoutKeysTheKernelWritesItsZeros) {
  auto kernel = makeKernel();
  TestArguments arguments(2, 4, 2, 100, 0);
  arguments.list[1].data = arguments.list[2].data = nullptr;
  ASSERT_EQ(launch(*kernel, arguments, stream).message(), "");
  ASSERT_EQ(machine.launches.size(), 1u);
  const MockTensorMap &key = machine.tensorMaps[1];
  EXPECT_EQ(key.sizes, (std::vector<uint64_t>{1, 1, 1, 1}));
  EXPECT_EQ(key.strides, (std::vector<uint64_t>{128, 128, 128}));
  EXPECT_EQ(key.address, arguments.list[4].data);
}

TEST_F(LaunchTest, clusters) {
  auto kernel = makeKernel([](Recipe &recipe) {
    recipe.variants[0].launches[0].cluster = {2, 1, 1};
    recipe.variants[1].launches[0].cluster = {16, 1, 1};
  });
  TestArguments arguments(2, 4, 2, 100, 50);
  ASSERT_TRUE(launch(*kernel, arguments, stream).ok());
  EXPECT_EQ(machine.launches[0].cluster[0], 2u);
  EXPECT_EQ(machine.clusterPermission.count("attention_fast"), 0u);
  EXPECT_EQ(machine.clusterPermission["attention_exact"], 1);
  arguments.list[3] = Argument::scalar(-11.0);
  EXPECT_EQ(launch(*kernel, arguments, stream).message(),
            "sigmoid_attention: kernel attention_exact: grid x: expected a "
            "multiple of the cluster's 16 blocks, got 8 (query "
            "2x4x100x64xbf16, key 2x2x50x64xbf16, value 2x2x50x64xbf16, bias "
            "-11, output 2x4x100x64xbf16)");
}

TEST_F(LaunchTest, severalLaunchesAreAllOrNone) {
  auto kernel = makeKernel([](Recipe &recipe) {
    RecipeLaunch second = recipe.variants[0].launches[0];
    second.kernel = "convert";
    second.parameters = {RecipeParameter::byValue(ElementType::I32,
                                                  "query_length * 1000000000")};
    recipe.variants[0].launches.push_back(second);
  });
  machine.parameterSizes["convert"] = {4};
  TestArguments small(1, 1, 1, 2, 50);
  ASSERT_EQ(launch(*kernel, small, stream).message(), "");
  ASSERT_EQ(machine.launches.size(), 2u);
  EXPECT_EQ(machine.launches[1].kernel, "convert");
  EXPECT_EQ(valueOf<int32_t>(machine.launches[1].parameters[0]), 2000000000);
  TestArguments large(1, 1, 1, 3, 50);
  EXPECT_NE(launch(*kernel, large, stream)
                .message()
                .find("kernel convert: parameter 0: query_length * 1000000000: "
                      "the value does not fit i32"),
            std::string::npos);
  EXPECT_EQ(machine.launches.size(), 2u);
}
