//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Support/Npy.h"

#include "sigmoid-attn/Support/File.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstring>

using namespace sigmoid_attn;

namespace {
/// A file per test, and its content spelled out.
class Npy : public testing::Test {
protected:
  std::string path =
      testing::TempDir() + "/sigmoid-attn-" +
      testing::UnitTest::GetInstance()->current_test_info()->name() + ".npy";

  void TearDown() override { std::remove(path.c_str()); }

  static std::string makeFile(const std::string &header, size_t dataSize,
                              char major = 1) {
    std::string file = "\x93NUMPY";
    file += {major, '\0', static_cast<char>(header.size()),
             static_cast<char>(header.size() >> 8)};
    if (major > 1)
      file += std::string(2, '\0');
    return file + header + std::string(dataSize, '\0');
  }

  /// The error of reading `file`, without the path in front.
  std::string getError(const std::string &file) {
    EXPECT_TRUE(writeFileAtomically(path, file).ok());
    Result<Array> array = readNpy(path);
    EXPECT_FALSE(array.ok());
    std::string prefix = "'" + path + "': ";
    EXPECT_EQ(array.message().substr(0, prefix.size()), prefix);
    return array.message().substr(prefix.size());
  }

  static Array makeArray(const std::vector<float> &values,
                         std::vector<int64_t> shape) {
    Array array = std::move(*Array::allocate(ElementType::F32, shape));
    if (!values.empty())
      std::memcpy(array.data(), values.data(), values.size() * sizeof(float));
    return array;
  }
};

const char kHeader[] =
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  \n";
} // namespace

TEST_F(Npy, RoundTrips) {
  for (std::vector<int64_t> shape :
       {std::vector<int64_t>{}, {3}, {0, 5}, {2, 3, 4, 5}}) {
    int64_t count = *countElements(shape);
    std::vector<float> values(count);
    for (int64_t i = 0; i < count; ++i)
      values[i] = i - 2.5f;
    ASSERT_TRUE(writeNpy(path, makeArray(values, shape)).ok());
    EXPECT_EQ((readFile(path)->size() - count * sizeof(float)) % 64, 0u);
    Result<Array> array = readNpy(path);
    ASSERT_TRUE(array.ok()) << array.message();
    EXPECT_EQ(array->shape(), shape);
    if (count) {
      EXPECT_EQ(std::memcmp(array->data(), values.data(), array->sizeInBytes()),
                0);
    }
  }
}

TEST_F(Npy, ReadsEveryVersion) {
  for (char major : {1, 2, 3}) {
    ASSERT_TRUE(writeFileAtomically(path, makeFile(kHeader, 24, major)).ok());
    EXPECT_TRUE(readNpy(path).ok());
  }
}

TEST_F(Npy, RefusesOtherFiles) {
  EXPECT_EQ(getError(""), "is not a .npy file");
  EXPECT_EQ(getError("PK\x03\x04 some archive"), "is not a .npy file");
  EXPECT_EQ(getError(makeFile(kHeader, 24, 9)),
            "has .npy version 9.0, expected 1.0, 2.0 or 3.0");
}

TEST_F(Npy, RefusesTruncationEverywhere) {
  std::string file = makeFile(kHeader, 24);
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_NE(getError(file.substr(0, size)), "");
  EXPECT_EQ(getError(file.substr(0, 7)), "is truncated in its header");
  EXPECT_EQ(getError(file.substr(0, 9)), "is truncated in its header");
  EXPECT_EQ(getError(file.substr(0, 20)), "is truncated in its header");
  EXPECT_EQ(getError(file.substr(0, file.size() - 1)),
            "expected 24 bytes of data for shape 2x3, got 23");
  EXPECT_EQ(getError(file + "x"),
            "expected 24 bytes of data for shape 2x3, got 25");
}

TEST_F(Npy, RefusesOtherContent) {
  auto header = [](const char *descr, const char *order, const char *shape) {
    return std::string("{'descr': '") + descr + "', 'fortran_order': " + order +
           ", 'shape': " + shape + ", }\n";
  };
  EXPECT_EQ(getError(makeFile(header("<f8", "False", "(2,)"), 16)),
            "expected float32 data ('<f4'), got '<f8'");
  EXPECT_EQ(getError(makeFile(header(">f4", "False", "(2,)"), 8)),
            "expected float32 data ('<f4'), got '>f4'");
  EXPECT_EQ(getError(makeFile(header("<f4", "True", "(2, 1)"), 8)),
            "expected data in C order, got Fortran order");
  EXPECT_EQ(
      getError(makeFile(header("<f4", "False", "(9000000000000000000, 2)"), 8)),
      "has too large a shape, 9000000000000000000x2");
}

TEST_F(Npy, RefusesMalformedHeaders) {
  for (const char *header :
       {"", "{", "{}", "{'descr': '<f4'}", "[1, 2]",
        "{'descr': 3, 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': maybe, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': "
        "(99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'other': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} trailing"})
    EXPECT_EQ(getError(makeFile(header, 8)), "has a malformed header")
        << header;
}

TEST_F(Npy, ConvertsToEveryElementType) {
  Array array = makeArray({0, 1, 1, 0}, {4});
  for (int i = 0; i < kNumElementTypes; ++i) {
    auto type = static_cast<ElementType>(i);
    Result<Array> there = convertFromFloat(array, type);
    ASSERT_TRUE(there.ok()) << there.message();
    EXPECT_EQ(there->elementType(), type);
    Result<Array> back = convertToFloat(*there);
    ASSERT_TRUE(back.ok()) << back.message();
    EXPECT_EQ(std::memcmp(back->data(), array.data(), 16), 0);
  }
}

TEST_F(Npy, RefusesValuesThatAnIntegerCannotHold) {
  EXPECT_EQ(
      convertFromFloat(makeArray({0.5f}, {1}), ElementType::I32).message(),
      "value 0.500000 is not an i32");
  EXPECT_EQ(convertFromFloat(makeArray({128}, {1}), ElementType::I8).message(),
            "value 128.000000 is not an i8");
  EXPECT_EQ(convertFromFloat(makeArray({0x1p63f}, {1}), ElementType::I64).ok(),
            false);
  EXPECT_EQ(convertFromFloat(makeArray({2}, {1}), ElementType::I1).message(),
            "value 2.000000 is not an i1");
  EXPECT_EQ(convertFromFloat(makeArray({NAN}, {1}), ElementType::I16).message(),
            "value nan is not an i16");
}

TEST_F(Npy, WritesFloatsOnly) {
  Result<Array> half = Array::allocate(ElementType::F16, {2});
  EXPECT_EQ(writeNpy(path, *half).message(), "expected f32 to write, got f16");
}
