//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Support/Array.h"

#include "gtest/gtest.h"

using namespace sigmoid_attn;

TEST(ElementType, NamesAndSizes) {
  for (int i = 0; i < kNumElementTypes; ++i) {
    auto type = static_cast<ElementType>(i);
    EXPECT_EQ(parseElementType(getElementTypeName(type)), type);
  }
  EXPECT_EQ(getElementSize(ElementType::I1), 1u);
  EXPECT_EQ(getElementSize(ElementType::BF16), 2u);
  EXPECT_EQ(getElementSize(ElementType::F64), 8u);
  EXPECT_EQ(parseElementType("f8"), std::nullopt);
}

TEST(Shape, Format) {
  EXPECT_EQ(formatShape({}), "()");
  EXPECT_EQ(formatShape({1, -1, 64}), "1x?x64");
}

TEST(Shape, CountElements) {
  EXPECT_EQ(countElements({}), 1);
  EXPECT_EQ(countElements({2, 0, 3}), 0);
  EXPECT_EQ(countElements({2, -1}), std::nullopt);
  EXPECT_EQ(countElements({INT64_MAX, 2}), std::nullopt);
}

TEST(Shape, RowMajorStrides) {
  EXPECT_EQ(getRowMajorStrides({2, 3, 4}), (std::vector<int64_t>{12, 4, 1}));
  EXPECT_EQ(getRowMajorStrides({2, 0, 4}), (std::vector<int64_t>{4, 4, 1}));
}

TEST(Array, AllocatesAligned) {
  Result<Array> array = Array::allocate(ElementType::F16, {3, 5});
  ASSERT_TRUE(array.ok());
  EXPECT_EQ(array->sizeInBytes(), 30u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(array->data()) % 64, 0u);
  EXPECT_EQ(array->view().shape, (std::vector<int64_t>{3, 5}));
}

TEST(Array, RefusesImpossibleShapes) {
  EXPECT_EQ(Array::allocate(ElementType::F32, {-2}).message(),
            "shape ? is negative or too large");
  EXPECT_EQ(Array::allocate(ElementType::F64, {INT64_MAX / 4}).message(),
            "shape 2305843009213693951 is negative or too large");
}

TEST(CheckArray, AcceptsEmptyWithoutData) {
  EXPECT_TRUE(checkArray(ArrayView(nullptr, ElementType::F32, {4, 0})).ok());
}

TEST(CheckArray, Refuses) {
  alignas(8) char memory[64] = {};
  auto message = [](const ArrayView &view) {
    return checkArray(view).message();
  };
  EXPECT_EQ(message(ArrayView(nullptr, ElementType::F32, {2})),
            "data pointer is null");
  EXPECT_EQ(message(ArrayView(memory + 1, ElementType::F32, {2})),
            "expected data aligned to 4 bytes for f32");
  EXPECT_EQ(message(ArrayView(memory, ElementType::F32, {2, -3})),
            "expected sizes of at least 0, got -3");
  EXPECT_EQ(message(ArrayView(memory, ElementType::F32, {INT64_MAX, 2})),
            "shape 9223372036854775807x2 is too large");
  EXPECT_EQ(message(ArrayView(memory, ElementType::F32, {2, 2}, {1})),
            "expected 2 strides, got 1");
  EXPECT_EQ(message(ArrayView(memory, static_cast<ElementType>(99), {2})),
            "unknown element type 99");
}

TEST(ByteRange, CoversNegativeStrides) {
  float memory[12] = {};
  const char *base = reinterpret_cast<const char *>(memory);
  auto range =
      getByteRange(ArrayView(memory + 8, ElementType::F32, {3, 2}, {-4, 1}));
  EXPECT_EQ(range.first, base);
  EXPECT_EQ(range.second, base + 10 * sizeof(float));
  range = getByteRange(ArrayView(memory, ElementType::F32, {0, 2}));
  EXPECT_EQ(range.first, nullptr);
  EXPECT_EQ(range.second, nullptr);
}
