//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The checks of a call's arguments, none of which looks at a device.
//
//===----------------------------------------------------------------------===//

#include "TestArguments.h"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

/// What check() says about good arguments after `change`.
static std::string
problemAfter(const std::function<void(TestArguments &)> &change) {
  TestArguments arguments(2, 4, 2, 100, 50);
  change(arguments);
  return makeKernel()
      ->check(arguments.list.data(), arguments.list.size())
      .message();
}

TEST(ArgumentCheckTest, goodArgumentsPass) {
  EXPECT_EQ(problemAfter([](TestArguments &) {}), "");
}

TEST(ArgumentCheckTest, numberKindAndType) {
  TestArguments arguments(2, 4, 2, 100, 50);
  EXPECT_EQ(makeKernel()->check(arguments.list.data(), 4).message(),
            "sigmoid_attention: expected 5 arguments, got 4");
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.list[0] = a.list[3]; }),
            "sigmoid_attention: query: expected a tensor, got a scalar");
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.list[3] = a.list[0]; }),
            "sigmoid_attention: bias: expected a scalar of f32, got a tensor");
  EXPECT_EQ(
      problemAfter(
          [](TestArguments &a) { a.list[3] = Argument::scalar(int64_t(1)); }),
      "sigmoid_attention: bias: expected a scalar of f32, got an integer");
  EXPECT_EQ(problemAfter([](TestArguments &a) {
              a.list[1].elementType = ElementType::F16;
            }),
            "sigmoid_attention: key: expected element type bf16, got f16");
  EXPECT_EQ(problemAfter([](TestArguments &a) {
              a.list[1].elementType = static_cast<ElementType>(77);
            }),
            "sigmoid_attention: key: expected element type bf16, got an "
            "unknown one");
}

TEST(ArgumentCheckTest, shapes) {
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.list[1].rank = 3; }),
            "sigmoid_attention: key: expected rank 4, got 3");
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.list[1].sizes = nullptr; }),
            "sigmoid_attention: key: expected sizes and strides, got null");
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.keySizes[0] = 3; }),
            "sigmoid_attention: key: expected size 2 in dimension 0 (batch), "
            "got 3");
  EXPECT_EQ(
      problemAfter([](TestArguments &a) { a.querySizes[3] = 72; }),
      "sigmoid_attention: query: expected size 64 in dimension 3, got 72");
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.querySizes[2] = -1; }),
            "sigmoid_attention: query: expected a size of 0 or more in "
            "dimension 2, got -1");
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.keySizes[1] = 3; }),
            "sigmoid_attention: expected query_heads % key_heads to be 0 where "
            "query_heads is 4, key_heads is 3, got 1");
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.keySizes[1] = 0; }),
            "sigmoid_attention: expected query_heads % key_heads to be 0 where "
            "query_heads is 4, key_heads is 0, got division by zero");
}

TEST(ArgumentCheckTest, strides) {
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.queryStrides[3] = 2; }),
            "sigmoid_attention: query: expected stride 1 in dimension 3, which "
            "must be contiguous, got 2");
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.queryStrides[2] = -64; }),
            "sigmoid_attention: query: expected a stride of 0 or more in "
            "dimension 2, got -64");
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.queryStrides[2] = 68; }),
            "sigmoid_attention: query: expected a stride of a multiple of 16 "
            "bytes in dimension 2, got 68 elements of 2 bytes");
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.outputStrides[0] = 0; }),
            "sigmoid_attention: output: expected a stride of 1 or more in "
            "dimension 0 of a written tensor, got 0");
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.outputStrides[1] = 64; }),
            "sigmoid_attention: output: expected a stride of more than 255 in "
            "dimension 2 of a written tensor, whose elements must not overlap, "
            "got 64");
  // Heads next to each other, and rows with room between them.
  EXPECT_EQ(problemAfter([](TestArguments &a) {
              a.outputStrides = {100 * 512, 64, 512, 1};
            }),
            "");
  EXPECT_EQ(problemAfter([](TestArguments &a) {
              a.outputStrides[0] = int64_t(1) << 62;
              a.outputStrides[1] = int64_t(1) << 58;
            }),
            "");
  // A read tensor may repeat itself, and strides of one element do not matter.
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.keyStrides[0] = 0; }), "");
  EXPECT_EQ(problemAfter([](TestArguments &a) {
              a.querySizes[0] = a.keySizes[0] = 1;
              a.queryStrides[0] = -7;
            }),
            "");
}

TEST(ArgumentCheckTest, addresses) {
  EXPECT_EQ(problemAfter([](TestArguments &a) { a.list[4].data = nullptr; }),
            "sigmoid_attention: output: expected an address, got null");
  EXPECT_EQ(problemAfter(
                [](TestArguments &a) { a.list[0].data = makeAddress(0, 8); }),
            "sigmoid_attention: query: expected an address aligned to 16 "
            "bytes, got one with a remainder of 8");
  // Nothing is behind the address of an empty tensor.
  EXPECT_EQ(problemAfter([](TestArguments &a) {
              a.keySizes[2] = 0;
              a.list[1].data = nullptr;
            }),
            "");
}

TEST(ArgumentCheckTest, integerScalars) {
  auto kernel = makeKernel([](Recipe &recipe) {
    recipe.arguments[3].type = ElementType::I32;
    recipe.arguments[3].name = "offset";
    for (RecipeVariant &variant : recipe.variants) {
      variant.when.clear();
      variant.launches[0].parameters[6] =
          RecipeParameter::byValue(ElementType::I32, "offset");
    }
  });
  ASSERT_TRUE(kernel);
  TestArguments arguments(2, 4, 2, 100, 50);
  arguments.list[3] = Argument::scalar(int64_t(1) << 31);
  EXPECT_EQ(kernel->check(arguments.list.data(), 5).message(),
            "sigmoid_attention: offset: expected a scalar of i32, got "
            "2147483648");
  arguments.list[3] = Argument::scalar(1.0);
  EXPECT_EQ(kernel->check(arguments.list.data(), 5).message(),
            "sigmoid_attention: offset: expected a scalar of i32, got one of "
            "floating type");
}

TEST(ArgumentCheckTest, variantsAreChosenByTheirConditions) {
  TestArguments arguments(2, 4, 2, 100, 50);
  auto select = [&](Kernel &kernel, double bias) {
    arguments.list[3] = Argument::scalar(bias);
    auto variant = kernel.selectVariant(arguments.list.data(), 5, 132);
    return variant.ok() ? *variant : variant.message();
  };
  auto kernel = makeKernel();
  EXPECT_EQ(select(*kernel, -9), "fast");
  EXPECT_EQ(select(*kernel, -9.01), "exact");
  EXPECT_EQ(select(*kernel, std::nan("")), "exact");
  auto fastOnly =
      makeKernel([](Recipe &recipe) { recipe.variants.pop_back(); });
  EXPECT_EQ(select(*fastOnly, -10),
            "sigmoid_attention: no variant takes these arguments: fast: "
            "expected bias to be at least -9, got -10");
}

TEST(ArgumentCheckTest, checksNameTheArgumentAtFault) {
  auto kernel = makeKernel([](Recipe &recipe) {
    recipe.checks = {{"key.size.2 - query.size.1", -1, {}, "key"},
                     {"query_length", {}, 100, "query"}};
  });
  ASSERT_TRUE(kernel);
  auto check = [&](int64_t queryHeads, int64_t queryLength, int64_t keyLength) {
    TestArguments arguments(2, queryHeads, 1, queryLength, keyLength);
    return kernel->check(arguments.list.data(), 5).message();
  };
  EXPECT_EQ(check(8, 100, 7), "");
  EXPECT_EQ(check(8, 100, 6),
            "sigmoid_attention: key: expected key.size.2 - query.size.1 to be "
            "at least -1 where key.size.2 is 6, query.size.1 is 8, got -2");
  EXPECT_EQ(check(8, 101, 7), "sigmoid_attention: query: expected query_length "
                              "to be at most 100, got 101");
}
