//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NaN, infinities, and what must not reach a result.
//
//===----------------------------------------------------------------------===//

#include "Accuracy.h"
#include "Engine.h"

#include <cmath>
#include <limits>

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

class SpecialValueTest : public ::testing::TestWithParam<ElementType> {
protected:
  void SetUp() override {
    problem.type = GetParam();
    problem.heads = problem.keyHeads = 2;
    problem.queryLength = 40;
    problem.keyLength = 72;
    problem.headDim = problem.valueHeadDim = 64;
    if (std::string why = Engine::get().whyUnsupported(problem); !why.empty())
      GTEST_SKIP() << "not offered: " << why;
  }

  std::vector<double> run(const Inputs &inputs) {
    Result<Outputs> outputs = Engine::get().run(problem, inputs);
    EXPECT_TRUE(outputs.ok()) << outputs.message();
    size_t size = problem.heads * problem.queryLength * problem.valueHeadDim;
    return outputs.ok() ? (*outputs)[0] : std::vector<double>(size);
  }

  /// Whether the rows for which `isNan(row)` holds are NaN throughout, and the
  /// others bit for bit as without the NaN.
  template <typename Predicate>
  void expectNanRows(const std::vector<double> &actual,
                     const std::vector<double> &clean, Predicate isNan) {
    for (size_t index = 0; index < actual.size(); ++index) {
      int64_t row = index / problem.valueHeadDim;
      if (isNan(row))
        ASSERT_TRUE(std::isnan(actual[index])) << "row " << row;
      else
        ASSERT_EQ(actual[index], clean[index]) << "row " << row;
    }
  }

  Problem problem;
};

TEST_P(SpecialValueTest, NanInAQueryFillsItsRow) {
  Inputs inputs = makeInputs(problem);
  std::vector<double> clean = run(inputs);
  int64_t row = 53;
  inputs.query[row * problem.headDim + 5] = kNan;
  expectNanRows(run(inputs), clean, [&](int64_t r) { return r == row; });
}

TEST_P(SpecialValueTest, NanInAKeyReachesTheQueriesThatSeeIt) {
  problem.causal = true;
  Inputs inputs = makeInputs(problem);
  std::vector<double> clean = run(inputs);
  int64_t key = 50;
  inputs.key[key * problem.headDim + 5] = kNan;
  expectNanRows(run(inputs), clean, [&](int64_t row) {
    return row < problem.queryLength && problem.isVisible(row, key);
  });
}

TEST_P(SpecialValueTest, InfiniteScoresSaturate) {
  // Scores of +-2^128 or more are infinite in f32; so are these of f16.
  double large = problem.type == ElementType::F16 ? 32768 : 0x1p100;
  problem.scale = 0x1p120f;
  Inputs inputs = makeInputs(problem);
  int64_t dim = problem.headDim, heads = problem.heads;
  for (size_t index = 0; index < inputs.query.size(); ++index)
    inputs.query[index] = index % dim == 0 ? large : 0;
  std::vector<double> weights;
  for (int64_t row = 0; row < heads * problem.keyLength; ++row) {
    for (int64_t d = 0; d < dim; ++d)
      inputs.key[row * dim + d] = 0;
    inputs.key[row * dim] = row % 3 ? large : -large;
    weights.push_back(row % 3 ? 1 : 0);
  }
  std::vector<double> actual = run(inputs);
  for (size_t index = 0; index < actual.size(); ++index) {
    int64_t head = index / (problem.queryLength * dim);
    double sum = 0, magnitude = 0;
    for (int64_t j = 0; j < problem.keyLength; ++j) {
      int64_t row = head * problem.keyLength + j;
      double term = weights[row] * inputs.value[row * dim + index % dim];
      sum += term;
      magnitude += std::abs(term);
    }
    // f32 sums round at every step, the others once at the end.
    double bound =
        problem.type == ElementType::F32 ? 1e-5 : unitRoundoff(problem.type);
    ASSERT_NEAR(actual[index], sum, magnitude * bound) << index;
  }
}

TEST_P(SpecialValueTest, QueriesWithoutAKeyGiveZero) {
  problem.causal = true;
  problem.queryLength = 72;
  problem.keyLength = 40;
  std::vector<double> actual = run(makeInputs(problem));
  for (int64_t head : {0, 1})
    for (int64_t row = 0; row < 32; ++row)
      for (int64_t d = 0; d < 64; ++d)
        ASSERT_EQ(actual[(head * 72 + row) * 64 + d], 0);
}

INSTANTIATE_TEST_SUITE_P(Types, SpecialValueTest,
                         ::testing::Values(ElementType::F32, ElementType::BF16,
                                           ElementType::F16),
                         [](const ::testing::TestParamInfo<ElementType> &info) {
                           return getElementTypeName(info.param);
                         });

} // namespace
