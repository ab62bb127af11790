//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Relations that hold whatever the reference says.
//
//===----------------------------------------------------------------------===//

#include "Accuracy.h"
#include "Engine.h"
#include "Finite.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// The suite's relations, in a type each target offers.
class RelationTest : public ::testing::TestWithParam<ElementType> {
protected:
  void SetUp() override {
    problem.type = GetParam();
    problem.batch = 2;
    problem.heads = 4;
    problem.keyHeads = 2;
    problem.queryLength = 70;
    problem.keyLength = 90;
    problem.headDim = problem.valueHeadDim = 64;
    if (std::string why = Engine::get().whyUnsupported(problem); !why.empty())
      GTEST_SKIP() << "not offered: " << why;
  }

  /// Runs what must run.
  Outputs run(const Problem &problem, const Inputs &inputs) {
    Result<Outputs> outputs = Engine::get().run(problem, inputs);
    EXPECT_TRUE(outputs.ok()) << outputs.message();
    return outputs.ok() ? *outputs : Outputs(problem.backward ? 3 : 1);
  }

  /// What two sums of the same rounded terms, each rounded to the type, may
  /// differ by, relative to their L2 norm.
  double roundingBound() const {
    return problem.type == ElementType::F32 ? 1e-6 : unitRoundoff(problem.type);
  }

  /// For each output element, the sum of `weight(i, j) * value` over the keys
  /// that its query sees.
  std::vector<double> sumValues(const Inputs &inputs, double weight) {
    std::vector<double> sums;
    int64_t ratio = problem.heads / problem.keyHeads;
    for (int64_t head = 0; head < problem.batch * problem.heads; ++head)
      for (int64_t i = 0; i < problem.queryLength; ++i)
        for (int64_t d = 0; d < problem.valueHeadDim; ++d) {
          double sum = 0;
          for (int64_t j = 0; j < problem.keyLength; ++j) {
            int64_t row = head / ratio * problem.keyLength + j;
            if (problem.isVisible(i, j))
              sum += inputs.value[row * problem.valueHeadDim + d];
          }
          sums.push_back(weight * sum);
        }
    return sums;
  }

  Problem problem;
};

/// Rows [begin, begin + size) of each of `groups` groups of rows.
std::vector<double> sliceRows(const std::vector<double> &values, int64_t groups,
                              int64_t begin, int64_t size, int64_t rowSize) {
  std::vector<double> slice;
  int64_t groupSize = groups ? values.size() / groups : 0;
  for (int64_t group = 0; group < groups; ++group) {
    auto first = values.begin() + group * groupSize + begin * rowSize;
    slice.insert(slice.end(), first, first + size * rowSize);
  }
  return slice;
}

TEST_P(RelationTest, SlicesOverBatchAndHeadEqualTheSingleRun) {
  problem.causal = true;
  Inputs inputs = makeInputs(problem);
  std::vector<double> whole = run(problem, inputs)[0];
  Problem slice = problem;
  slice.batch = 1;
  slice.heads = slice.keyHeads = 1;
  int64_t queries = problem.queryLength * problem.headDim;
  int64_t keys = problem.keyLength * problem.headDim;
  for (int64_t head = 0; head < problem.batch * problem.heads; ++head) {
    Inputs part;
    part.query = sliceRows(inputs.query, 1, head, 1, queries);
    part.key = sliceRows(inputs.key, 1, head / 2, 1, keys);
    part.value = sliceRows(inputs.value, 1, head / 2, 1, keys);
    EXPECT_EQ(run(slice, part)[0], sliceRows(whole, 1, head, 1, queries))
        << "head " << head;
  }
}

TEST_P(RelationTest, KeysSplitInTwoSumToTheWhole) {
  problem.wideResult = true;
  if (std::string why = Engine::get().whyUnsupported(problem); !why.empty())
    GTEST_SKIP() << "not offered: " << why;
  Inputs inputs = makeInputs(problem);
  std::vector<double> whole = run(problem, inputs)[0];
  std::vector<double> sum(whole.size());
  int64_t groups = problem.batch * problem.keyHeads;
  for (auto [begin, size] : {std::pair<int64_t, int64_t>(0, 37), {37, 53}}) {
    Problem part = problem;
    part.keyLength = size;
    Inputs partInputs = inputs;
    partInputs.key = sliceRows(inputs.key, groups, begin, size, 64);
    partInputs.value = sliceRows(inputs.value, groups, begin, size, 64);
    std::vector<double> output = run(part, partInputs)[0];
    std::transform(sum.begin(), sum.end(), output.begin(), sum.begin(),
                   std::plus<double>());
  }
  // Weights may be rounded to the type, but each the same way both times.
  EXPECT_LT(relativeL2(sum, whole), 1e-6);
}

TEST_P(RelationTest, PermutedKeysChangeNothing) {
  Inputs inputs = makeInputs(problem), permuted = inputs;
  int64_t keys = problem.keyLength, groups = problem.batch * problem.keyHeads;
  std::vector<int64_t> order(keys);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(5));
  for (int64_t row = 0; row < groups * keys; ++row) {
    int64_t from = row / keys * keys + order[row % keys];
    std::copy_n(&inputs.key[from * 64], 64, &permuted.key[row * 64]);
    std::copy_n(&inputs.value[from * 64], 64, &permuted.value[row * 64]);
  }
  EXPECT_LT(relativeL2(run(problem, permuted)[0], run(problem, inputs)[0]),
            roundingBound());
}

TEST_P(RelationTest, BiasOfMinusInfinityGivesZero) {
  problem.bias = -kInfinity;
  std::vector<double> output = run(problem, makeInputs(problem))[0];
  for (double value : output)
    ASSERT_EQ(value, 0);
}

TEST_P(RelationTest, BiasOfInfinityGivesTheSumOfValues) {
  problem.bias = kInfinity;
  for (bool causal : {false, true}) {
    problem.causal = causal;
    Inputs inputs = makeInputs(problem);
    EXPECT_LT(relativeL2(run(problem, inputs)[0], sumValues(inputs, 1)),
              roundingBound());
  }
}

TEST_P(RelationTest, ScaleZeroGivesTheSigmoidOfTheBias) {
  problem.scale = 0.0f;
  problem.bias = -1.0986123f; // A weight of 1/4, which every type holds.
  Inputs inputs = makeInputs(problem);
  EXPECT_LT(relativeL2(run(problem, inputs)[0], sumValues(inputs, 0.25)),
            roundingBound());
}

TEST_P(RelationTest, RunsAreBitIdentical) {
  problem.queryLength = problem.keyLength = 300;
  for (bool backward : {false, true}) {
    problem.backward = backward;
    if (!Engine::get().whyUnsupported(problem).empty())
      continue;
    Inputs inputs = makeInputs(problem);
    Outputs first = run(problem, inputs);
    for (int trial = 0; trial < 4; ++trial)
      EXPECT_EQ(run(problem, inputs), first);
  }
}

TEST_P(RelationTest, WeightsHaveNoBias) {
  problem.content = Content::UnitValues;
  problem.batch = 1;
  problem.wideResult = true;
  if (problem.type == ElementType::F32)
    problem.wideResult = false;
  if (std::string why = Engine::get().whyUnsupported(problem); !why.empty())
    GTEST_SKIP() << "not offered: " << why;
  for (int64_t length : {64, 500, 2048, 131072}) {
    // So many keys take few rows.
    bool isLong = length > 2048;
    problem.queryLength = isLong ? 7 : 300;
    problem.heads = isLong ? 2 : 4;
    problem.keyHeads = isLong ? 1 : 2;
    problem.keyLength = length;
    for (float bias : {0.0f, -std::log(float(length))}) {
      problem.bias = bias;
      Inputs inputs = makeInputs(problem);
      std::vector<double> exact = computeReference(problem, inputs)[0].exact;
      EXPECT_LT(std::abs(meanSignedError(run(problem, inputs)[0], exact)), 3e-4)
          << length << " keys, bias " << bias;
    }
  }
}

/// The gradient of the compiled code is the slope of the formula. Only f32 has
/// the digits to say so.
TEST(GradientTest, IsTheSlopeOfTheOutput) {
  for (const Problem &problem : makeSmallGradientCases()) {
    if (!Engine::get().whyUnsupported(problem).empty())
      GTEST_SKIP() << Engine::get().whyUnsupported(problem);
    Inputs inputs = makeInputs(problem);
    Result<Outputs> outputs = Engine::get().run(problem, inputs);
    ASSERT_TRUE(outputs.ok()) << outputs.message();
    for (size_t index = 0; index < outputs->size(); ++index)
      EXPECT_LT(
          relativeL2((*outputs)[index], differentiate(problem, inputs, index)),
          1e-5)
          << getName(problem) << ", gradient " << index;
  }
}

INSTANTIATE_TEST_SUITE_P(Types, RelationTest,
                         ::testing::Values(ElementType::F32, ElementType::BF16,
                                           ElementType::F16),
                         [](const ::testing::TestParamInfo<ElementType> &info) {
                           return getElementTypeName(info.param);
                         });

} // namespace
