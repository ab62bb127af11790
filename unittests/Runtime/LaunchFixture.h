//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The mock machine, ready for launches of the forward recipe.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_RUNTIME_LAUNCHFIXTURE_H
#define SIGMOID_ATTN_UNITTESTS_RUNTIME_LAUNCHFIXTURE_H

#include "TestArguments.h"

#include <cstring>

#include <gtest/gtest.h>

namespace sigmoid_attn::test {

class LaunchFixture : public ::testing::Test {
protected:
  LaunchFixture() : machine(getMockCuda()) {
    machine.reset();
    setCurrentDevice(0);
    for (int device : {0, 1})
      machine.addMemory(makeAddress(device, 0), uint64_t(1) << 38, device);
    for (const char *kernel : {"attention_fast", "attention_exact"})
      machine.parameterSizes[kernel] = {128, 128, 128, 8, 8, 4, 4, 8};
    stream = machine.addStream(0);
    // The first launch in a context may allocate; what it does is not these
    // tests' subject.
    TestArguments arguments(1, 1, 1, 1, 1);
    EXPECT_EQ(launch(*makeKernel(), arguments, stream).message(), "");
    machine.reset();
  }

  MockCuda &machine;
  cuda::CUstream stream;
};

} // namespace sigmoid_attn::test

#endif // SIGMOID_ATTN_UNITTESTS_RUNTIME_LAUNCHFIXTURE_H
