//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Gradients by finite differences of the float64 output.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_INTEGRATION_FINITE_H
#define SIGMOID_ATTN_UNITTESTS_INTEGRATION_FINITE_H

#include "Reference.h"

namespace sigmoid_attn::test {

/// Small f32 gradients, one for each score region, mask and head ratio.
std::vector<Problem> makeSmallGradientCases();

/// The derivative of `sum(output * outputGradient)` by each element of the
/// query (0), key (1) or value (2).
std::vector<double> differentiate(const Problem &problem, const Inputs &inputs,
                                  size_t argument);

} // namespace sigmoid_attn::test

#endif // SIGMOID_ATTN_UNITTESTS_INTEGRATION_FINITE_H
