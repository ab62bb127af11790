//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Devices, contexts, streams, graphs and threads.
//
//===----------------------------------------------------------------------===//

#include "LaunchFixture.h"
#include "sigmoid-attn/Runtime/Device.h"

#include <set>
#include <thread>

using namespace sigmoid_attn;
using namespace sigmoid_attn::cuda;
using namespace sigmoid_attn::test;

namespace {
class ContextTest : public LaunchFixture {
protected:
  static constexpr int kCounter = 7;

  /// The counter's address in the launch at `place`.
  uint64_t counterOf(size_t place) {
    uint64_t address = 0;
    memcpy(&address, machine.launches[place].parameters[kCounter].data(), 8);
    return address;
  }

  TestArguments arguments{2, 4, 2, 100, 50};
  TestArguments onSecond{2, 4, 2, 100, 50, 1};
  std::shared_ptr<Kernel> kernel = makeKernel();
};
} // namespace

TEST_F(ContextTest, streamDecidesTheContext) {
  CUstream second = machine.addStream(1);
  setCurrentDevice(0);
  ASSERT_EQ(launch(*kernel, onSecond, second).message(), "");
  EXPECT_EQ(machine.launches[0].context,
            reinterpret_cast<CUcontext>(uintptr_t(0x1001)));
  EXPECT_EQ(getCurrentDevice(), 0) << "as before";
  EXPECT_EQ(launch(*kernel, arguments, second).message(),
            "sigmoid_attention: expected a stream of device 0, where the "
            "tensors are, got one of device 1");
  EXPECT_EQ(machine.launches.size(), 1u);
}

TEST_F(ContextTest, defaultStreamGoesWhereTheTensorsAre) {
  setCurrentDevice(0);
  ASSERT_EQ(launch(*kernel, onSecond).message(), "");
  EXPECT_EQ(machine.launches[0].context,
            reinterpret_cast<CUcontext>(uintptr_t(0x1001)));
  // A thread that has never used CUDA.
  setCurrentDevice(-1);
  ASSERT_EQ(launch(*kernel, arguments).message(), "");
  EXPECT_EQ(machine.launches[1].context,
            reinterpret_cast<CUcontext>(uintptr_t(0x1000)));
  EXPECT_EQ(getCurrentDevice(), -1);
  EXPECT_EQ(machine.images.size(), 2u) << "one for each device";
}

TEST_F(ContextTest, memoryMustBeOfOneGPU) {
  arguments.list[2].data = makeAddress(1, 0);
  EXPECT_EQ(launch(*kernel, arguments, stream).message(),
            "sigmoid_attention: value: expected memory of device 0, as of the "
            "tensors before, got memory of device 1");
  alignas(16) static char onHost[16];
  arguments.list[2].data = onHost;
  EXPECT_EQ(launch(*kernel, arguments, stream).message(),
            "sigmoid_attention: value: expected memory of a GPU, got memory of "
            "the host");
  EXPECT_TRUE(machine.launches.empty());
}

TEST_F(ContextTest, eachStreamHasItsCounter) {
  CUstream other = machine.addStream(0);
  for (CUstream used : {stream, other, stream, other})
    ASSERT_TRUE(launch(*kernel, arguments, used).ok());
  EXPECT_EQ(counterOf(0), counterOf(2));
  EXPECT_EQ(counterOf(1), counterOf(3));
  EXPECT_NE(counterOf(0), counterOf(1));
  // The mock's memory can be read: the words start as zeros.
  auto *words = reinterpret_cast<uint32_t *>(counterOf(1));
  for (int i = 0; i < 32; ++i)
    EXPECT_EQ(words[i], 0u);
}

TEST_F(ContextTest, capturedLaunchesHaveCountersOfTheirOwn) {
  ASSERT_TRUE(launch(*kernel, arguments, stream).ok());
  auto graph = reinterpret_cast<CUgraph>(uintptr_t(0x7000));
  machine.streams[stream].capturing = graph;
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(launch(*kernel, arguments, stream).ok());
  machine.streams[stream].capturing = nullptr;
  std::set<uint64_t> counters = {counterOf(0), counterOf(1), counterOf(2)};
  EXPECT_EQ(counters.size(), 3u);
  // The graph gives its counters back.
  machine.destroyGraph(graph);
  CUstream next = machine.addStream(0);
  ASSERT_TRUE(launch(*kernel, arguments, next).ok());
  EXPECT_EQ(counters.count(counterOf(3)), 1u);
}

TEST_F(ContextTest, countersComeBackFromGraphsThatRefuseThem) {
  auto graph = reinterpret_cast<CUgraph>(uintptr_t(0x7002));
  machine.streams[stream].capturing = graph;
  machine.failures["cuGraphRetainUserObject"] = 1;
  for (int i = 0; i < 600; ++i)
    EXPECT_EQ(launch(*kernel, arguments, stream).code(),
              ErrorCode::RuntimeError);
  machine.failures.clear();
  machine.streams[stream].capturing = nullptr;
  EXPECT_EQ(machine.calls["cuUserObjectRelease"], 600);
  EXPECT_EQ(machine.calls["cuMemAlloc"], 0) << "more than a block has";
}

TEST_F(ContextTest, newContextsGetCodeOfTheirOwn) {
  ASSERT_EQ(launch(*kernel, arguments, stream).message(), "");
  ASSERT_EQ(launch(*kernel, arguments, stream).message(), "");
  EXPECT_EQ(machine.images.size(), 1u);
  // The same handle, as of a primary context that was reset.
  machine.recreateContexts();
  ASSERT_EQ(launch(*kernel, arguments, stream).message(), "");
  EXPECT_EQ(machine.images.size(), 2u);
  EXPECT_EQ(machine.launches.size(), 3u);
  kernel.reset();
  EXPECT_EQ(machine.calls["cuModuleUnload"], 1)
      << "the old context's code went with it";
}

TEST_F(ContextTest, loadingIsAllowedDuringCapture) {
  machine.streams[stream].capturing =
      reinterpret_cast<CUgraph>(uintptr_t(0x7001));
  ASSERT_TRUE(launch(*kernel, arguments, stream).ok());
  machine.streams[stream].capturing = nullptr;
  ASSERT_FALSE(machine.modesAtLoad.empty());
  for (int mode : machine.modesAtLoad)
    EXPECT_EQ(mode, CU_STREAM_CAPTURE_MODE_RELAXED);
  EXPECT_EQ(machine.captureMode, 0) << "as before";
}

TEST_F(ContextTest, threadsLaunchAtOnce) {
  constexpr int kThreads = 4, kLaunches = 200;
  std::vector<CUstream> streams;
  for (int i = 0; i < kThreads; ++i)
    streams.push_back(machine.addStream(0));
  std::vector<std::thread> threads;
  for (CUstream used : streams)
    threads.emplace_back([&, used] {
      TestArguments own(2, 4, 2, 100, 50);
      for (int i = 0; i < kLaunches; ++i) {
        own.keySizes[2] = 1 + i % 50;
        EXPECT_EQ(launch(*kernel, own, used).message(), "");
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  ASSERT_EQ(machine.launches.size(), size_t(kThreads * kLaunches));
  EXPECT_EQ(machine.images.size(), 1u);
  std::map<CUstream, std::set<uint64_t>> counters;
  std::set<uint64_t> all;
  for (size_t i = 0; i < machine.launches.size(); ++i) {
    counters[machine.launches[i].stream].insert(counterOf(i));
    all.insert(counterOf(i));
    // Each launch got the maps of its own sizes.
    int32_t keyLength = 0;
    memcpy(&keyLength, machine.launches[i].parameters[5].data(), 4);
    uint64_t map = 0;
    memcpy(&map, machine.launches[i].parameters[1].data(), 8);
    EXPECT_EQ(machine.tensorMaps[map].sizes[1], uint64_t(keyLength));
  }
  for (auto &[used, own] : counters)
    EXPECT_EQ(own.size(), 1u);
  EXPECT_EQ(all.size(), size_t(kThreads));
}

TEST_F(ContextTest, deviceMemory) {
  Result<Device> device = Device::open(1);
  ASSERT_TRUE(device.ok()) << device.message();
  EXPECT_EQ(device->name(), "Mock GPU 1");
  EXPECT_EQ(device->smCount(), 132);
  EXPECT_EQ(device->computeCapability(), 90);
  Result<DeviceBuffer> buffer = device->allocate(8);
  ASSERT_TRUE(buffer.ok());
  ASSERT_TRUE(buffer->copyFromHost("sigmoid", 8).ok());
  char back[8] = "";
  ASSERT_TRUE(buffer->copyToHost(back, 8).ok());
  EXPECT_STREQ(back, "sigmoid");
  EXPECT_EQ(buffer->copyToHost(back, 9).message(),
            "expected at most the buffer's 8 bytes, got 9");
  EXPECT_TRUE(device->synchronize().ok());
  EXPECT_EQ(Device::open(2).message(), "expected a device from 0 to 1, got 2");
  machine.failures["cuMemAlloc"] = 2;
  EXPECT_EQ(device->allocate(1000).message(),
            "1000 bytes on device 1: cuMemAlloc failed: "
            "CUDA_ERROR_OUT_OF_MEMORY (out of memory)");
}
