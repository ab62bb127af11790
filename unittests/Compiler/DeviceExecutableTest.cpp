//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels called with host arrays, on the mock GPUs. Their "kernel" writes
// nothing, so that the output is what the mock's fresh memory holds.
//
//===----------------------------------------------------------------------===//

#include "DeviceExecutable.h"

#include "LaunchFixture.h"

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

namespace {
class DeviceExecutableTest : public LaunchFixture {
protected:
  DeviceExecutableTest() {
    ValueType tensor;
    tensor.elementType = ElementType::BF16;
    tensor.shape = {kDynamic, kDynamic, kDynamic, 64};
    ValueType bias;
    bias.kind = ValueType::Kind::Scalar;
    signature.name = "attention";
    signature.arguments = {tensor, tensor, tensor, bias};
    signature.results = {tensor};
  }

  Result<std::shared_ptr<Executable>> create() {
    Result<Device> device = findHopperDevice();
    EXPECT_TRUE(device.ok()) << device.message();
    return DeviceExecutable::create(makeKernel(), *device, signature);
  }

  FunctionSignature signature;
};
} // namespace

TEST_F(DeviceExecutableTest, arraysGoToTheDeviceAndBack) {
  auto executable = create();
  ASSERT_TRUE(executable.ok()) << executable.message();
  EXPECT_EQ((*executable)->target(), Target::SM90);
  EXPECT_NE((*executable)->kernel(), nullptr);
  std::vector<uint16_t> query(2 * 4 * 100 * 64, 1), key(2 * 2 * 50 * 64, 2);
  float bias = -2;
  // The key is passed twice, once as (b, s, h, d): the device gets it dense.
  std::vector<int64_t> strides = {50 * 2 * 64, 64, 2 * 64, 1};
  auto results =
      (*executable)
          ->call(signature,
                 {ArrayView(query.data(), ElementType::BF16, {2, 4, 100, 64}),
                  ArrayView(key.data(), ElementType::BF16, {2, 2, 50, 64}),
                  ArrayView(key.data(), ElementType::BF16, {2, 2, 50, 64},
                            strides),
                  ArrayView(&bias, ElementType::F32, {})});
  ASSERT_TRUE(results.ok()) << results.message();
  ASSERT_EQ(results->size(), 1u);
  EXPECT_EQ((*results)[0].shape(), (std::vector<int64_t>{2, 4, 100, 64}));
  // What the mock's memory holds when it is new.
  EXPECT_EQ(*static_cast<uint16_t *>((*results)[0].data()), 0xa5a5);
  ASSERT_EQ(machine.launches.size(), 1u);
  EXPECT_EQ(machine.launches[0].kernel, "attention_fast");
  EXPECT_EQ(machine.tensorMaps[2].strides,
            (std::vector<uint64_t>{128, 6400, 12800}));
  EXPECT_EQ(machine.calls["cuMemcpyHtoD"], 3);
  EXPECT_EQ(machine.calls["cuMemFree"], 4);
}

TEST_F(DeviceExecutableTest, emptyResults) {
  auto executable = create();
  ASSERT_TRUE(executable.ok());
  float bias = -2;
  ArrayView empty(nullptr, ElementType::BF16, {0, 2, 50, 64});
  auto results =
      (*executable)
          ->call(signature,
                 {empty, empty, empty, ArrayView(&bias, ElementType::F32, {})});
  ASSERT_TRUE(results.ok()) << results.message();
  EXPECT_EQ((*results)[0].numElements(), 0);
  EXPECT_TRUE(machine.launches.empty());
}

TEST_F(DeviceExecutableTest, failuresOfTheDeviceAreValues) {
  auto executable = create();
  ASSERT_TRUE(executable.ok());
  std::vector<uint16_t> ones(64, 1);
  float bias = -2;
  ArrayView array(ones.data(), ElementType::BF16, {1, 1, 1, 64});
  std::vector<ArrayView> arguments = {array, array, array,
                                      ArrayView(&bias, ElementType::F32, {})};
  machine.failures["cuMemAlloc"] = 2;
  EXPECT_EQ((*executable)->call(signature, arguments).message(),
            "attention: query: 128 bytes on device 0: cuMemAlloc failed: "
            "CUDA_ERROR_OUT_OF_MEMORY (out of memory)");
  machine.failures.clear();
  machine.failures["cuCtxSynchronize"] = 1;
  EXPECT_EQ((*executable)->call(signature, arguments).message(),
            "sigmoid_attention: cuCtxSynchronize failed: "
            "CUDA_ERROR_INVALID_VALUE (invalid argument)");
}

TEST_F(DeviceExecutableTest, shapesOfNoMemoryAreRefused) {
  auto executable = create();
  ASSERT_TRUE(executable.ok());
  uint16_t one = 1;
  float bias = -2;
  int64_t huge = int64_t(1) << 40;
  ArrayView array(&one, ElementType::BF16, {huge, huge, huge, 64});
  EXPECT_EQ((*executable)
                ->call(signature, {array, array, array,
                                   ArrayView(&bias, ElementType::F32, {})})
                .message(),
            "attention: query: expected a shape that fits memory");
  EXPECT_EQ(machine.calls["cuMemAlloc"], 0);
}

TEST_F(DeviceExecutableTest, resultsOfUnknownSizeAreRefused) {
  Result<Device> device = findHopperDevice();
  ASSERT_TRUE(device.ok());
  auto executable = DeviceExecutable::create(
      makeKernel([](Recipe &r) { r.arguments[4].shape[2] = "some_length"; }),
      *device, signature);
  ASSERT_TRUE(executable.ok()) << executable.message();
  std::vector<uint16_t> ones(64, 1);
  float bias = -2;
  ArrayView array(ones.data(), ElementType::BF16, {1, 1, 1, 64});
  EXPECT_EQ((*executable)
                ->call(signature, {array, array, array,
                                   ArrayView(&bias, ElementType::F32, {})})
                .message(),
            "attention: output: no argument gives the size of dimension 2");
}

TEST_F(DeviceExecutableTest, otherGPUsAreRefusedWithoutAContext) {
  machine.computeCapability = 80;
  EXPECT_EQ(findHopperDevice().message(),
            "expected an NVIDIA Hopper GPU (compute capability 9.0), got Mock "
            "GPU 0, Mock GPU 1");
  EXPECT_EQ(machine.calls["cuDevicePrimaryCtxRetain"], 0);
  machine.failures["cuDeviceGetName"] = 1;
  EXPECT_EQ(findHopperDevice().message(),
            "expected an NVIDIA Hopper GPU (compute capability 9.0), got "
            "device 0: cuDeviceGetName failed: CUDA_ERROR_INVALID_VALUE "
            "(invalid argument), device 1: cuDeviceGetName failed: "
            "CUDA_ERROR_INVALID_VALUE (invalid argument)");
}

TEST_F(DeviceExecutableTest, foreignKernelsAreRefused) {
  signature.results[0].elementType = ElementType::F32;
  EXPECT_EQ(create().message(),
            "the kernel's output is no tensor<?x?x?x64xf32>");
  signature.results.clear();
  EXPECT_EQ(create().message(),
            "the kernel has 5 arguments, which 'attention' does not have");
}
