//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The bounds that results must meet.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_INTEGRATION_ACCURACY_H
#define SIGMOID_ATTN_UNITTESTS_INTEGRATION_ACCURACY_H

#include "Reference.h"

#include "gtest/gtest.h"

namespace sigmoid_attn::test {

/// ||actual - expected|| / ||expected||; 0 if both are 0, infinite if only
/// `expected` is or a number is NaN.
double relativeL2(const std::vector<double> &actual,
                  const std::vector<double> &expected);

/// The mean of (actual - expected) / expected.
double meanSignedError(const std::vector<double> &actual,
                       const std::vector<double> &expected);

/// Holds one result of a problem to the contract:
/// - bf16 and f16: the relative L2 error is at most 1.25 times (gradients: 1.5
///   times) that of the reference with rounded weights and results.
/// - f32: the relative L2 error is at most 1e-5.
/// - where there is nothing to add up, the result is exactly 0.
///
/// Arrays under 1024 elements are also checked one element at a time. The error
/// of an f32 is at most 1e-5 of `Expected::magnitude`. That of a bf16 or f16 is
/// at most 1.25 (1.5) times what rounding can amount to: half a unit in the
/// last place of the result, and of every term that `magnitude` sums up. Under
/// 64 elements of 16 bits this is the only check, since the reference may have
/// rounded so few of them luckily.
::testing::AssertionResult isAccurate(const Problem &problem,
                                      const std::vector<double> &actual,
                                      const Expected &expected);

} // namespace sigmoid_attn::test

#endif // SIGMOID_ATTN_UNITTESTS_INTEGRATION_ACCURACY_H
