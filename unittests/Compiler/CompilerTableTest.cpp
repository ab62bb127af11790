//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tables that score regions read: calls with too short ones are refused, and so
// is code that types show to read past their ends.
//
//===----------------------------------------------------------------------===//

#include "TestCompiler.h"

#include "gtest/gtest.h"

using namespace sigmoid_attn;

TEST(CompilerTable, Positions) {
  Result<CompiledFunction> function = Compiler(makeOptions()).compileSource(R"(
func.func @f(%q: tensor<1x?x?x2xf32>, %a: tensor<?xf32>, %b: tensor<3x?xf32>) -> tensor<1x?x?x2xf32> {
  %o = attn.sigmoid_attention %q, %q, %q score(%s, %batch, %head, %i, %j) {
    %x = tensor.extract %a[%head] : tensor<?xf32>
    %y = tensor.extract %b[%i, %j] : tensor<3x?xf32>
    %z = arith.addf %x, %y : f32
    %r = arith.addf %s, %z : f32
    attn.yield %r : f32
  } : (tensor<1x?x?x2xf32>, tensor<1x?x?x2xf32>, tensor<1x?x?x2xf32>) -> tensor<1x?x?x2xf32>
  return %o : tensor<1x?x?x2xf32>
})");
  ASSERT_TRUE(function.ok()) << function.message();
  std::vector<float> data(64);
  auto check = [&](int64_t heads, int64_t length, int64_t a, int64_t b) {
    return (*function)(
               {ArrayView(data.data(), ElementType::F32, {1, heads, length, 2}),
                ArrayView(data.data(), ElementType::F32, {a}),
                ArrayView(data.data(), ElementType::F32, {3, b})})
        .message();
  };
  EXPECT_EQ(check(2, 3, 2, 3), "");
  EXPECT_EQ(check(2, 2, 5, 9), "");
  EXPECT_EQ(check(2, 3, 1, 3),
            "argument 1 of 'f': expected dimension 0 to be at least 2 "
            "(dimension 1 of argument 0), got 1");
  EXPECT_EQ(check(2, 4, 2, 4),
            "argument 2 of 'f': expected dimension 0 to be at least 4 "
            "(dimension 2 of argument 0), got 3");
  EXPECT_EQ(check(2, 3, 2, 2),
            "argument 2 of 'f': expected dimension 1 to be at least 3 "
            "(dimension 2 of argument 0), got 2");
}

/// A function of a query (its own key and value), a table and an integer, whose
/// score region has this code and ends with a score of `%r`.
static std::string makeSource(const std::string &region,
                              const std::string &clauses = "",
                              const std::string &table = "tensor<?xf32>",
                              const std::string &query = "1x?x?x2xf32") {
  std::string tensor = "tensor<" + query + ">";
  return "func.func @f(%q: " + tensor + ", %t: " + table + ", %n: index) -> " +
         tensor + R"( {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %o = attn.sigmoid_attention %q, %q, %q )" +
         clauses + R"( score(%s, %batch, %head, %i, %j) {
    )" + region +
         "\n    attn.yield %r : f32\n  } : (" + tensor + ", " + tensor + ", " +
         tensor + ") -> " + tensor + "\n  return %o : " + tensor + "\n}";
}

/// Calls functions of makeSource.
static std::string call(const std::string &source, int64_t heads,
                        int64_t length, int64_t table, int64_t number = 0) {
  Result<CompiledFunction> function =
      Compiler(makeOptions()).compileSource(source, "", "test.mlir");
  if (!function.ok())
    return function.message();
  std::vector<float> data(256);
  Result<std::vector<Array>> results = (*function)(
      {ArrayView(data.data(), ElementType::F32, {1, heads, length, 2}),
       ArrayView(data.data(), ElementType::F32, {table}),
       ArrayView(&number, ElementType::I64, {})});
  return results.ok() ? "" : results.message();
}

TEST(CompilerTable, Arithmetic) {
  std::string source = makeSource(R"(
    %i32 = arith.index_cast %i : index to i32
    %j32 = arith.index_cast %j : index to i32
    %distance = arith.subi %i32, %j32 : i32
    %c7 = arith.constant 7 : i32
    %from0 = arith.addi %distance, %c7 : i32
    %index = arith.index_cast %from0 : i32 to index
    %r = tensor.extract %t[%index] : tensor<?xf32>)");
  EXPECT_EQ(call(source, 2, 8, 15), "");
  EXPECT_EQ(call(source, 2, 8, 14),
            "argument 1 of 'f': expected dimension 0 to be at least 15 "
            "(dimension 2 of argument 0 + 7), got 14");
  EXPECT_EQ(call(source, 2, 9, 30),
            "argument 1 of 'f': expected an index of at least 0 in dimension "
            "0, got -1 (-dimension 2 of argument 0 + 8)");
}

TEST(CompilerTable, BoundedIndices) {
  std::string source = makeSource(R"(
    %c4 = arith.constant 4 : index
    %bucket = arith.divui %j, %c2 : index
    %last = arith.minui %bucket, %c4 : index
    %r = tensor.extract %t[%last] : tensor<?xf32>)");
  EXPECT_EQ(call(source, 1, 5, 3), "");
  EXPECT_EQ(call(source, 1, 20, 5), "");
  EXPECT_EQ(call(source, 1, 20, 4),
            "argument 1 of 'f': expected dimension 0 to be at least 5 "
            "(min(ceildiv(dimension 2 of argument 0, 2), 5)), got 4");
  // The table's own size bounds an index, but for a table of none.
  source = makeSource(R"(
    %size = tensor.dim %t, %c0 : tensor<?xf32>
    %there = arith.remui %j, %size : index
    %r = tensor.extract %t[%there] : tensor<?xf32>)");
  EXPECT_EQ(call(source, 1, 20, 1), "");
  EXPECT_EQ(
      call(source, 1, 20, 0).substr(0, 65),
      "argument 1 of 'f': expected dimension 0 to be at least 1 (min(dim");
}

TEST(CompilerTable, Origin) {
  std::string source =
      makeSource("%r = tensor.extract %t[%head] : tensor<?xf32>",
                 "origin(%c0, %n, %c0, %c0, %c0)");
  EXPECT_EQ(call(source, 2, 3, 6, 4), "");
  EXPECT_EQ(call(source, 2, 3, 5, 4),
            "argument 1 of 'f': expected dimension 0 to be at least 6 "
            "(argument 2 + dimension 1 of argument 0), got 5");
  EXPECT_EQ(call(source, 2, 3, 5, -1),
            "argument 1 of 'f': expected an index of at least 0 in dimension "
            "0, got -1 (argument 2)");
}

TEST(CompilerTable, TablesFromInside) {
  std::string source = makeSource(R"(
    %table = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %r = tensor.extract %table[%head] : tensor<2xf32>)");
  // Moved out of the region, as the raising of linalg leaves it.
  size_t begin = source.find("    %table"), end = source.find('\n', begin) + 1;
  std::string constant = source.substr(begin, end - begin);
  source.erase(begin, end - begin);
  source.insert(source.find("  %o = "), constant);
  EXPECT_EQ(call(source, 2, 3, 1), "");
  EXPECT_EQ(call(source, 3, 3, 1),
            "a table of 'f': expected dimension 0 to be at least 3 (dimension "
            "1 of argument 0), got 2");
}

TEST(CompilerTable, WhatAConditionGuardsIsItsOwnBusiness) {
  std::string source = makeSource(R"(
    %isThere = arith.cmpi ult, %head, %c2 : index
    %r = scf.if %isThere -> f32 {
      %inside = tensor.extract %t[%head] : tensor<?xf32>
      scf.yield %inside : f32
    } else {
      scf.yield %s : f32
    })");
  EXPECT_EQ(call(source, 3, 3, 2), "");
}

TEST(CompilerTable, StaticSizes) {
  std::string read = "%r = tensor.extract %t[%head] : tensor<3xf32>";
  std::string large = makeSource(read, "", "tensor<3xf32>", "1x3x?x2xf32");
  EXPECT_EQ(call(large, 3, 2, 3), "");
  std::string small = makeSource(read, "", "tensor<3xf32>", "1x4x?x2xf32");
  EXPECT_EQ(call(small, 4, 2, 3),
            "test.mlir:5:10: 'tensor.extract' op expected a table of at least "
            "4 in dimension 0, got 3");
}
