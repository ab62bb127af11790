//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Compiler/Signature.h"

#include "gtest/gtest.h"

using namespace sigmoid_attn;

namespace {
/// A function on a tensor, a memref that it writes, and a scalar; and arguments
/// that fit it, for tests to spoil.
class Signature : public testing::Test {
protected:
  Signature() {
    signature.name = "f";
    ValueType tensor;
    tensor.shape = {2, kDynamic};
    ValueType memref;
    memref.kind = ValueType::Kind::Memref;
    memref.shape = {kDynamic, kDynamic};
    memref.strides = {kDynamic, 1};
    memref.written = true;
    ValueType scalar;
    scalar.kind = ValueType::Kind::Scalar;
    signature.arguments = {tensor, memref, scalar};
    arguments = {ArrayView(input, ElementType::F32, {2, 3}),
                 ArrayView(output, ElementType::F32, {3, 4}),
                 ArrayView(&scale, ElementType::F32, {})};
  }

  std::string check() { return checkArguments(signature, arguments).message(); }

  void require(SizeCondition::Kind kind, int64_t argument, int64_t dim,
               int64_t otherArgument, int64_t otherDim, int64_t value = 0) {
    signature.conditions = {
        {kind, argument, dim, otherArgument, otherDim, value}};
  }

  FunctionSignature signature;
  float input[16] = {}, output[16] = {}, scale = 1;
  std::vector<ArrayView> arguments;
};
} // namespace

TEST_F(Signature, AcceptsWhatFits) { EXPECT_EQ(check(), ""); }

TEST_F(Signature, FormatsTypes) {
  EXPECT_EQ(formatType(signature.arguments[0]), "tensor<2x?xf32>");
  EXPECT_EQ(formatType(signature.arguments[1]), "memref<?x?xf32>");
  EXPECT_EQ(formatType(signature.arguments[2]), "f32");
}

TEST_F(Signature, Count) {
  arguments.pop_back();
  EXPECT_EQ(check(), "'f': expected 3 arguments, got 2");
}

TEST_F(Signature, ElementType) {
  arguments[0].elementType = ElementType::BF16;
  EXPECT_EQ(check(), "argument 0 of 'f': expected element type f32, got bf16");
  arguments[0].elementType = static_cast<ElementType>(-5);
  EXPECT_EQ(check(), "argument 0 of 'f': unknown element type -5");
}

TEST_F(Signature, Rank) {
  arguments[0].shape = {2, 3, 1};
  EXPECT_EQ(check(), "argument 0 of 'f': expected rank 2 for tensor<2x?xf32>, "
                     "got rank 3");
  arguments[0].shape = {2, 3};
  arguments[2].shape = {1};
  EXPECT_EQ(check(), "argument 2 of 'f': expected rank 0 for f32, got rank 1");
}

TEST_F(Signature, Shape) {
  arguments[0].shape = {4, 3};
  EXPECT_EQ(check(), "argument 0 of 'f': expected shape 2x?, got 4x3");
}

TEST_F(Signature, Pointer) {
  arguments[2].data = nullptr;
  EXPECT_EQ(check(), "argument 2 of 'f': data pointer is null");
}

TEST_F(Signature, Strides) {
  arguments[0].strides = {1, 2};
  EXPECT_EQ(check(),
            "argument 0 of 'f': expected stride 1 in dimension 1, got 2");
  // The stride of a single column does not matter, nor does an outer one.
  arguments[0].shape = {2, 1};
  EXPECT_EQ(check(), "");
  arguments[0] = ArrayView(input, ElementType::F32, {2, 3}, {7, 1});
  EXPECT_EQ(check(), "");
}

TEST_F(Signature, Layout) {
  signature.arguments[1].strides = {8, 1};
  EXPECT_EQ(check(),
            "argument 1 of 'f': expected stride 8 in dimension 0, got 4");
}

TEST_F(Signature, EqualSizes) {
  require(SizeCondition::Kind::Equal, 1, 0, 0, 1);
  EXPECT_EQ(check(), "");
  require(SizeCondition::Kind::Equal, 1, 1, 0, 1);
  EXPECT_EQ(check(), "argument 1 of 'f': expected dimension 1 to be 3 "
                     "(dimension 1 of argument 0), got 4");
  require(SizeCondition::Kind::Equal, 1, 1, kDynamic, 0, 5);
  EXPECT_EQ(check(), "argument 1 of 'f': expected dimension 1 to be 5, got 4");
}

TEST_F(Signature, MultipleSizes) {
  require(SizeCondition::Kind::MultipleOf, 1, 1, 0, 0);
  EXPECT_EQ(check(), "");
  require(SizeCondition::Kind::MultipleOf, 1, 1, 0, 1);
  EXPECT_EQ(check(), "argument 1 of 'f': expected dimension 1 to be a multiple "
                     "of 3 (dimension 1 of argument 0), got 4");
  arguments[0].shape = {2, 0};
  EXPECT_EQ(check(), "argument 1 of 'f': expected dimension 1 to be a multiple "
                     "of 0 (dimension 1 of argument 0), got 4");
}

TEST_F(Signature, DividingSizes) {
  require(SizeCondition::Kind::DivisorOf, 1, 1, kDynamic, 0, 8);
  EXPECT_EQ(check(), "");
  require(SizeCondition::Kind::DivisorOf, 1, 1, kDynamic, 0, 6);
  EXPECT_EQ(check(), "argument 1 of 'f': expected dimension 1 to be a divisor "
                     "of 6, got 4");
  arguments[1].shape = {2, 0};
  EXPECT_EQ(check(), "argument 1 of 'f': expected dimension 1 to be a divisor "
                     "of 6, got 0");
}

TEST_F(Signature, Indices) {
  signature.indices = {{1, 1, 0, "", "argument_0.size.1 + 1"}};
  EXPECT_EQ(check(), "");
  signature.indices = {{0, 1, 0, "", "argument_1.size.1"}};
  EXPECT_EQ(check(), "argument 0 of 'f': expected dimension 1 to be at least 4 "
                     "(dimension 1 of argument 1), got 3");
  signature.indices = {{0, 1, 0, "", "4"}};
  EXPECT_EQ(check(), "argument 0 of 'f': expected dimension 1 to be at least "
                     "4, got 3");
  signature.indices = {{0, 1, 0, "argument_0.size.1 - 3", ""}};
  EXPECT_EQ(check(), "");
  signature.indices = {{0, 1, 0, "argument_0.size.1 - 4", ""}};
  EXPECT_EQ(check(), "argument 0 of 'f': expected an index of at least 0 in "
                     "dimension 1, got -1 (dimension 1 of argument 0 - 4)");
}

TEST_F(Signature, IndicesOfOtherTables) {
  signature.indices = {{kDynamic, 0, 3, "", "argument_1.size.0"}};
  EXPECT_EQ(check(), "");
  signature.indices[0].size = 2;
  EXPECT_EQ(check(), "a table of 'f': expected dimension 0 to be at least 3 "
                     "(dimension 0 of argument 1), got 2");
}

TEST_F(Signature, IndicesByIntegers) {
  int64_t origin = 1;
  signature.arguments[2].elementType = ElementType::I64;
  arguments[2] = ArrayView(&origin, ElementType::I64, {});
  signature.indices = {
      {1, 1, 0, "argument_2", "argument_2 + argument_0.size.1"}};
  EXPECT_EQ(check(), "");
  origin = 2;
  EXPECT_EQ(check(), "argument 1 of 'f': expected dimension 1 to be at least 5 "
                     "(argument 2 + dimension 1 of argument 0), got 4");
  origin = -1;
  EXPECT_EQ(check(), "argument 1 of 'f': expected an index of at least 0 in "
                     "dimension 1, got -1 (argument 2)");
  origin = INT64_MAX;
  EXPECT_EQ(check(), "argument 1 of 'f': expected a value of argument 2 + "
                     "dimension 1 of argument 0, got integer overflow");
}

TEST_F(Signature, Overlap) {
  arguments[1] = ArrayView(input + 5, ElementType::F32, {2, 2});
  EXPECT_EQ(check(), "argument 1 of 'f': is written and overlaps argument 0");
  arguments[1] = ArrayView(input + 6, ElementType::F32, {2, 2});
  EXPECT_EQ(check(), "");
  // Reading the same memory twice is fine.
  arguments[1] = ArrayView(input, ElementType::F32, {2, 2});
  signature.arguments[1].written = false;
  EXPECT_EQ(check(), "");
}
