//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The families of generated problems.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_INTEGRATION_CASES_H
#define SIGMOID_ATTN_UNITTESTS_INTEGRATION_CASES_H

#include "Problem.h"

namespace sigmoid_attn::test {

/// Lengths of 0, 1, primes, and one less, as many and one more than tiles have,
/// in every type, with and without a causal mask.
std::vector<Problem> makeLengthCases(bool backward);

/// Query heads that share key heads, several batches.
std::vector<Problem> makeHeadCases(bool backward);

/// Key and value head dims, equal or not, known to the compiler or not.
std::vector<Problem> makeHeadDimCases(bool backward);

/// Windows of every kind, and lengths that differ under masks.
std::vector<Problem> makeMaskCases(bool backward);

/// Scales, biases and score regions.
std::vector<Problem> makeScoreCases(bool backward);

/// Strides, tensors for buffers, results wider than the inputs.
std::vector<Problem> makeLayoutCases(bool backward);

/// Tiles of larger problems: masks and scores by positions in the whole one.
std::vector<Problem> makeTileCases(bool backward);

/// Up to 131072 keys (or queries, where gradients are sums over them), the
/// longest that docs/Spec.md makes promises about.
std::vector<Problem> makeLongCases(bool backward);

} // namespace sigmoid_attn::test

#endif // SIGMOID_ATTN_UNITTESTS_INTEGRATION_CASES_H
