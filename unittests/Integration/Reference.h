//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Sigmoid attention and its gradient in float64, written from the formula.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_INTEGRATION_REFERENCE_H
#define SIGMOID_ATTN_UNITTESTS_INTEGRATION_REFERENCE_H

#include "Problem.h"

namespace sigmoid_attn::test {

/// The nearest number of the type, ties to even; what is too large becomes
/// infinite.
double roundTo(double value, ElementType type);

/// The largest relative error of rounding to the type: 2^-8 for bf16.
double unitRoundoff(ElementType type);

/// What a problem computes on: dense row-major arrays, rounded to their type.
struct Inputs {
  std::vector<double> query, key, value;

  /// For gradients only.
  std::vector<double> outputGradient;

  /// What the score region reads; empty if it reads nothing.
  std::vector<double> extra;
  std::vector<int64_t> extraShape;
};

/// Random inputs of a problem; the same every time.
Inputs makeInputs(const Problem &problem, unsigned seed = 1);

/// One result of the reference.
struct Expected {
  /// In float64 throughout.
  std::vector<double> exact;

  /// The same formula with the weights (P, and dS in gradients) and the result
  /// rounded to the problem's type, and all else exact.
  std::vector<double> rounded;

  /// The sum of the absolute values of the terms that make up each element:
  /// what an error in the last place of every term amounts to.
  std::vector<double> magnitude;
};

/// The output; or the gradients of query, key and value.
std::vector<Expected> computeReference(const Problem &problem,
                                       const Inputs &inputs);

} // namespace sigmoid_attn::test

#endif // SIGMOID_ATTN_UNITTESTS_INTEGRATION_REFERENCE_H
