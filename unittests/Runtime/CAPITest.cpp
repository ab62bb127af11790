//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C functions, as a program in another language calls them: through the
// shared library, on the mock GPUs.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn-c/Runtime.h"

#include "LaunchFixture.h"

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

namespace {
class CAPITest : public LaunchFixture {
protected:
  CAPITest() {
    KernelFile file;
    file.recipes = {makeForwardRecipe()};
    file.ptx = "the PTX";
    bytes = serializeKernelFile(file);
    EXPECT_EQ(
        sigmoid_attn_runtime_create_kernel(bytes.data(), bytes.size(), &kernel),
        SigmoidAttnSuccess);
    for (int i = 0; i < 5; ++i)
      memcpy(&list[i], &arguments.list[i], sizeof(list[i]));
  }
  ~CAPITest() override { sigmoid_attn_runtime_release_kernel(kernel); }

  std::string bytes;
  SigmoidAttnKernel *kernel = nullptr;
  TestArguments arguments{2, 4, 2, 100, 50};
  SigmoidAttnArgument list[5];
};
} // namespace

TEST_F(CAPITest, launches) {
  EXPECT_EQ(sigmoid_attn_runtime_prepare(kernel, 0), SigmoidAttnSuccess);
  EXPECT_EQ(sigmoid_attn_runtime_check(kernel, list, 5), SigmoidAttnSuccess);
  ASSERT_EQ(sigmoid_attn_runtime_launch(kernel, list, 5, stream),
            SigmoidAttnSuccess);
  ASSERT_EQ(machine.launches.size(), 1u);
  EXPECT_EQ(machine.launches[0].stream, stream);
  EXPECT_EQ(machine.images.size(), 1u);
  const char *name = nullptr;
  ASSERT_EQ(sigmoid_attn_runtime_select_variant(kernel, list, 5, 132, &name),
            SigmoidAttnSuccess);
  EXPECT_STREQ(name, "fast");
  EXPECT_TRUE(parseRecipe(sigmoid_attn_runtime_get_recipe(kernel)).ok());
}

TEST_F(CAPITest, failuresHaveCodesAndTexts) {
  list[0].rank = 3;
  EXPECT_EQ(sigmoid_attn_runtime_launch(kernel, list, 5, stream),
            SigmoidAttnInvalidArgument);
  EXPECT_STREQ(sigmoid_attn_runtime_last_error(),
               "sigmoid_attention: query: expected rank 4, got 3");
  SigmoidAttnKernel *other = nullptr;
  EXPECT_EQ(sigmoid_attn_runtime_load_kernel("/nowhere.sak", &other),
            SigmoidAttnInvalidArgument);
  EXPECT_STREQ(sigmoid_attn_runtime_last_error(),
               "cannot read '/nowhere.sak': no such file or directory");
  EXPECT_EQ(sigmoid_attn_runtime_create_kernel(bytes.data(), 30, &other),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(other, nullptr);
}

TEST_F(CAPITest, functionsHaveNames) {
  KernelFile file;
  file.recipes = {makeForwardRecipe(), makeForwardRecipe()};
  file.recipes[1].name = "other";
  file.ptx = "the PTX";
  bytes = serializeKernelFile(file);
  SigmoidAttnKernel *other = nullptr;
  ASSERT_EQ(sigmoid_attn_runtime_create_function(bytes.data(), bytes.size(),
                                                 "other", &other),
            SigmoidAttnSuccess);
  list[0].rank = 3;
  EXPECT_EQ(sigmoid_attn_runtime_launch(other, list, 5, stream),
            SigmoidAttnInvalidArgument);
  EXPECT_STREQ(sigmoid_attn_runtime_last_error(),
               "other: query: expected rank 4, got 3");
  sigmoid_attn_runtime_release_kernel(other);
  EXPECT_EQ(
      sigmoid_attn_runtime_create_kernel(bytes.data(), bytes.size(), &other),
      SigmoidAttnInvalidArgument);
  EXPECT_STREQ(sigmoid_attn_runtime_last_error(),
               "expected the name of one of the kernel file's functions "
               "(sigmoid_attention, other), got none");
  EXPECT_EQ(sigmoid_attn_runtime_load_function("/nowhere.sak", "other", &other),
            SigmoidAttnInvalidArgument);
  EXPECT_STREQ(sigmoid_attn_runtime_last_error(),
               "cannot read '/nowhere.sak': no such file or directory");
}

TEST_F(CAPITest, nullsAreRefused) {
  EXPECT_EQ(sigmoid_attn_runtime_launch(nullptr, list, 5, stream),
            SigmoidAttnInvalidArgument);
  EXPECT_STREQ(sigmoid_attn_runtime_last_error(),
               "kernel: expected an address, got null");
  EXPECT_EQ(sigmoid_attn_runtime_launch(kernel, nullptr, 5, stream),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(sigmoid_attn_runtime_check(kernel, nullptr, 1),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(sigmoid_attn_runtime_prepare(nullptr, 0),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(sigmoid_attn_runtime_load_kernel(nullptr, nullptr),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(sigmoid_attn_runtime_create_kernel(nullptr, 0, nullptr),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(sigmoid_attn_runtime_count_devices(nullptr),
            SigmoidAttnInvalidArgument);
  EXPECT_EQ(sigmoid_attn_runtime_copy_to_host(0, nullptr, list, 1),
            SigmoidAttnInvalidArgument);
  EXPECT_STREQ(sigmoid_attn_runtime_get_recipe(nullptr), "");
  sigmoid_attn_runtime_release_kernel(nullptr);
}

TEST_F(CAPITest, memory) {
  int count = 0, smCount = 0, capability = 0;
  ASSERT_EQ(sigmoid_attn_runtime_count_devices(&count), SigmoidAttnSuccess);
  EXPECT_EQ(count, 2);
  ASSERT_EQ(sigmoid_attn_runtime_describe_device(0, &smCount, &capability),
            SigmoidAttnSuccess);
  EXPECT_EQ(smCount, 132);
  EXPECT_EQ(capability, 90);
  void *address = nullptr;
  ASSERT_EQ(sigmoid_attn_runtime_allocate(0, 16, &address), SigmoidAttnSuccess);
  EXPECT_EQ(sigmoid_attn_runtime_copy_to_device(0, address, "sigmoid", 8),
            SigmoidAttnSuccess);
  char back[8] = "";
  EXPECT_EQ(sigmoid_attn_runtime_copy_to_host(0, back, address, 8),
            SigmoidAttnSuccess);
  EXPECT_STREQ(back, "sigmoid");
  EXPECT_EQ(sigmoid_attn_runtime_synchronize(0), SigmoidAttnSuccess);
  EXPECT_EQ(sigmoid_attn_runtime_free(0, address), SigmoidAttnSuccess);
  EXPECT_EQ(sigmoid_attn_runtime_describe_device(7, &smCount, &capability),
            SigmoidAttnUnavailable);
}
