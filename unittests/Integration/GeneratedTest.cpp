//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every generated problem against float64.
//
//===----------------------------------------------------------------------===//

#include "Accuracy.h"
#include "Cases.h"
#include "Engine.h"

using namespace sigmoid_attn;
using namespace sigmoid_attn::test;

namespace {

class GeneratedTest : public ::testing::TestWithParam<Problem> {};

TEST_P(GeneratedTest, MeetsTheBounds) {
  const Problem &problem = GetParam();
  if (std::string why = Engine::get().whyUnsupported(problem); !why.empty())
    GTEST_SKIP() << "not offered: " << why;
  Inputs inputs = makeInputs(problem);
  Result<Outputs> outputs = Engine::get().run(problem, inputs);
  ASSERT_TRUE(outputs.ok()) << outputs.message();
  std::vector<Expected> expected = computeReference(problem, inputs);
  ASSERT_EQ(outputs->size(), expected.size());
  for (size_t index = 0; index < expected.size(); ++index)
    EXPECT_TRUE(isAccurate(problem, (*outputs)[index], expected[index]))
        << "result " << index;
}

std::string nameOf(const ::testing::TestParamInfo<Problem> &info) {
  return getName(info.param);
}

#define INSTANTIATE(FAMILY)                                                    \
  INSTANTIATE_TEST_SUITE_P(Forward##FAMILY, GeneratedTest,                     \
                           ::testing::ValuesIn(make##FAMILY##Cases(false)),    \
                           nameOf);                                            \
  INSTANTIATE_TEST_SUITE_P(Backward##FAMILY, GeneratedTest,                    \
                           ::testing::ValuesIn(make##FAMILY##Cases(true)),     \
                           nameOf)

INSTANTIATE(Length);
INSTANTIATE(Head);
INSTANTIATE(HeadDim);
INSTANTIATE(Mask);
INSTANTIATE(Score);
INSTANTIATE(Layout);
INSTANTIATE(Tile);
INSTANTIATE(Long);

} // namespace

namespace sigmoid_attn::test {

/// What gtest prints of a parameter.
void PrintTo(const Problem &problem, std::ostream *stream) {
  *stream << getName(problem);
}

} // namespace sigmoid_attn::test
