//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The suite's own parts: rounding, the float64 gradient against differences of
// the float64 output, guard bands, and error measures.
//
//===----------------------------------------------------------------------===//

#include "Accuracy.h"
#include "Finite.h"
#include "GuardedArray.h"

#include "sigmoid-attn/Support/SmallFloat.h"

#include <cmath>
#include <random>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

namespace {

TEST(RoundingTest, AgreesWithTheBits) {
  std::mt19937_64 engine(3);
  std::uniform_real_distribution<double> mantissa(-2, 2);
  std::uniform_int_distribution<int> exponent(-30, 17);
  for (int trial = 0; trial < 20000; ++trial) {
    float value = std::ldexp(mantissa(engine), exponent(engine));
    EXPECT_EQ(roundTo(value, ElementType::F16),
              double(halfToFloat(floatToHalf(value))));
    EXPECT_EQ(roundTo(value, ElementType::BF16),
              double(bfloatToFloat(floatToBfloat(value))));
    EXPECT_EQ(roundTo(value, ElementType::F32), double(value));
  }
}

TEST(RoundingTest, TiesGoToEven) {
  EXPECT_EQ(roundTo(1 + 0x1p-8, ElementType::BF16), 1);
  EXPECT_EQ(roundTo(1 + 3 * 0x1p-8, ElementType::BF16), 1 + 0x1p-6);
  EXPECT_EQ(roundTo(1 + 0x1p-11, ElementType::F16), 1);
  EXPECT_TRUE(std::isinf(roundTo(65520, ElementType::F16)));
  EXPECT_EQ(roundTo(65519, ElementType::F16), 65504);
}

TEST(ReferenceTest, OneScoreByHand) {
  Problem problem;
  problem.headDim = problem.valueHeadDim = 1;
  problem.bias = -1;
  Inputs inputs;
  inputs.query = {2};
  inputs.key = {3};
  inputs.value = {5};
  std::vector<Expected> output = computeReference(problem, inputs);
  EXPECT_DOUBLE_EQ(output[0].exact[0], 5 / (1 + std::exp(-5.0)));
}

TEST(ReferenceTest, CausalIsAlignedToTheBottomRight) {
  Problem problem;
  problem.causal = true;
  problem.queryLength = 2;
  problem.keyLength = 3;
  EXPECT_TRUE(problem.isVisible(0, 1));
  EXPECT_FALSE(problem.isVisible(0, 2));
  EXPECT_TRUE(problem.isVisible(1, 2));
  problem.queryLength = 4;
  EXPECT_FALSE(problem.isVisible(0, 0));
  EXPECT_TRUE(problem.isVisible(1, 0));
}

TEST(ReferenceTest, GradientIsTheSlopeOfTheOutput) {
  for (const Problem &problem : makeSmallGradientCases()) {
    Inputs inputs = makeInputs(problem);
    std::vector<Expected> gradients = computeReference(problem, inputs);
    for (size_t index = 0; index < gradients.size(); ++index)
      EXPECT_LT(relativeL2(differentiate(problem, inputs, index),
                           gradients[index].exact),
                1e-7)
          << getName(problem) << ", gradient " << index;
  }
}

TEST(GuardedArrayTest, HoldsElementsInEveryLayout) {
  for (Layout layout : {Layout::HeadMajor, Layout::LengthMajor, Layout::Padded,
                        Layout::Unaligned}) {
    GuardedArray array(ElementType::BF16, {2, 3, 4, 5}, layout, Role::Query);
    std::vector<double> values(120);
    for (size_t index = 0; index < values.size(); ++index)
      values[index] = index;
    EXPECT_TRUE(std::isnan(array.get()[7]));
    array.set(values);
    EXPECT_EQ(array.get(), values);
    EXPECT_TRUE(array.isGuardIntact());
  }
}

TEST(GuardedArrayTest, SeesAByteBesideTheElements) {
  GuardedArray array(ElementType::F16, {1, 1, 2, 8}, Layout::Padded,
                     Role::Result);
  auto *element = static_cast<uint16_t *>(array.view().data);
  element[7] = 0;
  EXPECT_TRUE(array.isGuardIntact());
  element[8] = 0;
  EXPECT_FALSE(array.isGuardIntact());
}

TEST(AccuracyTest, HoldsToTheBound) {
  Problem problem;
  problem.type = ElementType::BF16;
  problem.heads = problem.keyHeads = 2;
  problem.queryLength = problem.keyLength = 64;
  problem.headDim = problem.valueHeadDim = 16;
  Expected expected = computeReference(problem, makeInputs(problem))[0];
  EXPECT_TRUE(isAccurate(problem, expected.exact, expected));
  EXPECT_TRUE(isAccurate(problem, expected.rounded, expected));

  std::vector<double> wrong = expected.rounded;
  for (double &value : wrong)
    value *= 1 + unitRoundoff(problem.type);
  EXPECT_FALSE(isAccurate(problem, wrong, expected));
  wrong = expected.rounded;
  wrong[5] = std::nan("");
  EXPECT_FALSE(isAccurate(problem, wrong, expected));
}

TEST(AccuracyTest, FewElementsAreHeldOneByOne) {
  Problem problem;
  problem.type = ElementType::BF16;
  problem.keyLength = 9;
  Expected expected = computeReference(problem, makeInputs(problem))[0];
  ASSERT_EQ(expected.exact.size(), 8u);
  EXPECT_TRUE(isAccurate(problem, expected.rounded, expected));
  // Rounding cannot do more than this to one element.
  double roundoff = unitRoundoff(problem.type);
  double largest =
      roundoff * (std::abs(expected.exact[5]) + expected.magnitude[5]);
  std::vector<double> actual = expected.exact;
  actual[5] += largest;
  EXPECT_TRUE(isAccurate(problem, actual, expected));
  actual[5] += largest / 2;
  EXPECT_FALSE(isAccurate(problem, actual, expected));
}

TEST(AccuracyTest, NothingToAddUpIsZero) {
  Problem problem;
  problem.keyLength = 0;
  Expected expected = computeReference(problem, makeInputs(problem))[0];
  std::vector<double> actual(8);
  EXPECT_TRUE(isAccurate(problem, actual, expected));
  actual[3] = 1e-30;
  EXPECT_FALSE(isAccurate(problem, actual, expected));
}

} // namespace
