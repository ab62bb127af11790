//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Error measures.
//
//===----------------------------------------------------------------------===//

#include "Accuracy.h"

#include <cmath>
#include <limits>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

static constexpr double kFloatBound = 1e-5;
static constexpr double kForwardFactor = 1.25;
static constexpr double kGradientFactor = 1.5;
/// Up to here every element is checked by itself.
static constexpr size_t kFewElements = 1024;
/// From here on luck in rounding to 16 bits averages out.
static constexpr size_t kEnoughElements = 64;

double test::relativeL2(const std::vector<double> &actual,
                        const std::vector<double> &expected) {
  double error = 0, norm = 0;
  for (size_t index = 0; index < expected.size(); ++index) {
    double difference = actual[index] - expected[index];
    error += difference * difference;
    norm += expected[index] * expected[index];
  }
  if (error == 0)
    return 0;
  double ratio = std::sqrt(error / norm);
  return std::isnan(ratio) ? std::numeric_limits<double>::infinity() : ratio;
}

double test::meanSignedError(const std::vector<double> &actual,
                             const std::vector<double> &expected) {
  double sum = 0;
  for (size_t index = 0; index < expected.size(); ++index)
    sum += (actual[index] - expected[index]) / expected[index];
  return sum / expected.size();
}

/// The smallest step between numbers of the type.
static double smallestStep(ElementType type) {
  return type == ElementType::F16 ? 0x1p-24 : 0x1p-133;
}

/// The largest error that element `index` may have in a small array.
static double elementBound(const Problem &problem, const Expected &expected,
                           size_t index) {
  double terms = expected.magnitude[index];
  if (problem.type == ElementType::F32)
    return kFloatBound * terms;
  double roundoff = unitRoundoff(problem.type);
  double factor = problem.backward ? kGradientFactor : kForwardFactor;
  return factor * (roundoff * std::abs(expected.exact[index]) +
                   roundoff * terms + smallestStep(problem.type));
}

static ::testing::AssertionResult fail(const char *what, double found,
                                       double allowed) {
  return ::testing::AssertionFailure()
         << what << " is " << found << ", over " << allowed;
}

::testing::AssertionResult test::isAccurate(const Problem &problem,
                                            const std::vector<double> &actual,
                                            const Expected &expected) {
  if (actual.size() != expected.exact.size())
    return fail("the number of elements", actual.size(), expected.exact.size());
  for (size_t index = 0; index < actual.size(); ++index) {
    if (std::isnan(actual[index]))
      return ::testing::AssertionFailure() << "element " << index << " is NaN";
    if (expected.magnitude[index] == 0 && actual[index] != 0)
      return fail("an element without a term", actual[index], 0);
  }
  if (actual.size() < kFewElements) {
    for (size_t index = 0; index < actual.size(); ++index) {
      double error = std::abs(actual[index] - expected.exact[index]);
      double allowed = elementBound(problem, expected, index);
      if (error > allowed)
        return fail("an element's error", error, allowed)
               << ": expected " << expected.exact[index] << ", got "
               << actual[index] << " at " << index;
    }
  }
  if (problem.type != ElementType::F32 && actual.size() < kEnoughElements)
    return ::testing::AssertionSuccess();
  double allowed = kFloatBound;
  if (problem.type != ElementType::F32)
    allowed = (problem.backward ? kGradientFactor : kForwardFactor) *
              relativeL2(expected.rounded, expected.exact);
  double found = relativeL2(actual, expected.exact);
  return found <= allowed ? ::testing::AssertionSuccess()
                          : fail("the relative L2 error", found, allowed);
}
