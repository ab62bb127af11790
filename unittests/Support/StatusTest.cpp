//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Support/Status.h"

#include "gtest/gtest.h"

#include <memory>

using namespace sigmoid_attn;

TEST(Status, SuccessHasNoText) {
  Status status = Status::success();
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.code(), ErrorCode::None);
  EXPECT_EQ(status.message(), "");
}

TEST(Status, FailureKeepsKindAndText) {
  Status status = Status::unavailable("no GPU was found");
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.code(), ErrorCode::Unavailable);
  EXPECT_EQ(status.message(), "no GPU was found");
}

TEST(Status, ContextGoesInFrontOfFailuresOnly) {
  Status failure = Status::invalidArgument("expected rank 4, got 3");
  EXPECT_EQ(failure.withContext("argument 1").message(),
            "argument 1: expected rank 4, got 3");
  EXPECT_EQ(failure.withContext("argument 1").code(),
            ErrorCode::InvalidArgument);
  EXPECT_TRUE(Status::success().withContext("argument 1").ok());
}

TEST(Result, HoldsAValueOrAStatus) {
  Result<int> value = 3;
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(*value, 3);
  EXPECT_TRUE(value.status().ok());

  Result<int> failure = Status::runtimeError("out of memory");
  EXPECT_FALSE(failure.ok());
  EXPECT_EQ(failure.message(), "out of memory");
}

TEST(Result, MovesItsValueOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  std::unique_ptr<int> value = std::move(*result);
  EXPECT_EQ(*value, 7);
}
