//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What MaskAttr answers about itself.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"

#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::attn;

namespace {

class MaskAttrTest : public ::testing::Test {
protected:
  MaskAttrTest() { context.loadDialect<AttnDialect>(); }
  MLIRContext context;
};

TEST_F(MaskAttrTest, CausalSeesUpToItself) {
  MaskAttr causal = MaskAttr::getCausal(&context);
  EXPECT_TRUE(causal.isCausal());
  EXPECT_FALSE(causal.getLeft().has_value());
  EXPECT_EQ(causal.getRight(), 0);
}

TEST_F(MaskAttrTest, LeftBoundMakesAWindowOfCausal) {
  EXPECT_FALSE(MaskAttr::get(&context, 8, 0).isCausal());
}

TEST_F(MaskAttrTest, WithoutBoundsMasksNothing) {
  EXPECT_TRUE(
      MaskAttr::get(&context, std::nullopt, std::nullopt).isUnbounded());
  EXPECT_FALSE(MaskAttr::getCausal(&context).isUnbounded());
}

} // namespace
