//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What would end the process: instructions that the CPU has not, or that stop
// it.
//
//===----------------------------------------------------------------------===//

#include "TestCompiler.h"

#include "gtest/gtest.h"

using namespace sigmoid_attn;

static std::string getFailure(const std::string &source) {
  return Compiler(makeOptions())
      .compileSource(source, "", "test.mlir")
      .message();
}

TEST(CompilerMachine, OperationsOfOthers) {
  EXPECT_EQ(getFailure(R"(!t = tensor<1x1x?x8xf32>
func.func @f(%q: !t) -> !t {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %lane = nvvm.read.ptx.sreg.laneid : i32
    %number = arith.sitofp %lane : i32 to f32
    %y = arith.addf %x, %number : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  return %o : !t
})"),
            "test.mlir:4:13: expected operations that any CPU computes, got "
            "nvvm.read.ptx.sreg.laneid");
  for (const char *operation :
       {"rocdl.workitem.id.x : i32", "gpu.lane_id",
        "llvm.inline_asm \"foo $0;\", \"=r\" : () -> i32",
        "llvm.call_intrinsic \"llvm.nvvm.read.ptx.sreg.laneid\"() : () -> "
        "i32"})
    EXPECT_NE(getFailure("func.func @f() {\n  %0 = " + std::string(operation) +
                         "\n  return\n}")
                  .find("2:8: expected operations that any CPU computes"),
              std::string::npos)
        << operation;
  EXPECT_EQ(getFailure(R"(llvm.func @llvm.coro.size.i32() -> i32
func.func @f() -> i32 {
  %0 = llvm.call @llvm.coro.size.i32() : () -> i32
  return %0 : i32
})"),
            "test.mlir:1:1: expected operations that any CPU computes, got "
            "llvm.func @llvm.coro.size.i32");
}

// What the entry does not call need not be for this machine.
TEST(CompilerMachine, OtherEntries) {
  Result<CompiledFunction> function =
      Compiler(makeOptions())
          .compileSource(std::string(kAddSource) + R"(
func.func @other() -> i32 {
  %lane = nvvm.read.ptx.sreg.laneid : i32
  return %lane : i32
}
func.func @recursive() {
  call @recursive() : () -> ()
  return
})",
                         "add");
  EXPECT_TRUE(function.ok()) << function.message();
}

// Undefined, but no reason to end the process.
TEST(CompilerMachine, DivisionByZero) {
  Result<CompiledFunction> function = Compiler(makeOptions()).compileSource(R"(
!t = tensor<1x1x?x8xf32>
func.func @f(%q: !t, %n: i32) -> (!t, i32) {
  %o = attn.sigmoid_attention %q, %q, %q score(%x, %b, %h, %i, %j) {
    %row = arith.index_cast %i : index to i32
    %floor = arith.floordivsi %row, %n : i32
    %rest = arith.remui %floor, %n : i32
    %number = arith.sitofp %rest : i32 to f32
    %y = arith.addf %x, %number : f32
    attn.yield %y : f32
  } : (!t, !t, !t) -> !t
  %least = arith.constant -2147483648 : i32
  %quotient = arith.divsi %least, %n : i32
  return %o, %quotient : !t, i32
})");
  ASSERT_TRUE(function.ok()) << function.message();
  std::vector<float> ones(5 * 8, 1);
  for (int32_t n : {0, -1, 2}) {
    auto results =
        (*function)({ArrayView(ones.data(), ElementType::F32, {1, 1, 5, 8}),
                     ArrayView(&n, ElementType::I32, {})});
    ASSERT_TRUE(results.ok()) << results.message();
    EXPECT_EQ(*static_cast<int32_t *>((*results)[1].data()),
              n == 2 ? -1073741824 : -2147483648)
        << n;
  }
}
