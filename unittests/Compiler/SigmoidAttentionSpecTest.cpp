//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Compiler/SigmoidAttentionSpec.h"

#include "gtest/gtest.h"

using namespace sigmoid_attn;
using Bias = SigmoidAttentionSpec::Bias;

TEST(SigmoidAttentionSpec, BuildsTheShortestForm) {
  EXPECT_EQ(
      *buildSource(SigmoidAttentionSpec()),
      "func.func @sigmoid_attention(%q: tensor<?x?x?x64xf32>, "
      "%k: tensor<?x?x?x64xf32>, %v: tensor<?x?x?x64xf32>) -> "
      "tensor<?x?x?x64xf32> {\n"
      "  %o = attn.sigmoid_attention %q, %k, %v : (tensor<?x?x?x64xf32>, "
      "tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32>\n"
      "  return %o : tensor<?x?x?x64xf32>\n"
      "}\n");
}

static std::string getError(const SigmoidAttentionSpec &spec) {
  return buildSource(spec).message();
}

TEST(SigmoidAttentionSpec, RefusesNonsense) {
  SigmoidAttentionSpec spec;
  spec.elementType = ElementType::I32;
  EXPECT_EQ(getError(spec), "expected element type f16, bf16 or f32, got i32");
  spec.elementType = static_cast<ElementType>(77);
  EXPECT_EQ(getError(spec), "expected element type f16, bf16 or f32, got 77");
  spec = {};
  spec.headDim = 0;
  EXPECT_EQ(getError(spec), "expected a head dim of at least 1, got 0");
  spec = {};
  spec.valueHeadDim = -1;
  EXPECT_EQ(getError(spec), "expected a value head dim of at least 0, got -1");
  spec = {};
  spec.bias = static_cast<Bias>(9);
  EXPECT_EQ(getError(spec), "unknown kind of bias 9");
  spec = {};
  spec.causal = true;
  spec.windowLeft = 3;
  EXPECT_EQ(getError(spec), "expected a causal mask or a window, got both");
  spec.causal = false;
  spec.windowLeft = -3;
  EXPECT_EQ(getError(spec), "expected a left window of at least 0, got -3");
  spec.windowLeft = std::nullopt;
  spec.windowRight = -1;
  EXPECT_EQ(getError(spec), "expected a right window of at least 0, got -1");
}
