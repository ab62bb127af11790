//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Expression.h"

#include <gtest/gtest.h>

using namespace sigmoid_attn;

static const std::vector<Variable> kVariables = {
    {"length", true}, {"query.stride.1", true}, {"bias", false}};
static const VariableValue kValues[] = {{1000, 1000}, {-7, -7}, {0, -2.5}};

static std::string evaluateInteger(const std::string &text) {
  auto expression =
      Expression::parse(text, Expression::Arithmetic::Integer, kVariables);
  if (!expression.ok())
    return expression.message();
  int64_t result = 0;
  const char *problem = expression->evaluate(kValues, result);
  return problem ? problem : std::to_string(result);
}

static double evaluateReal(const std::string &text) {
  auto expression =
      Expression::parse(text, Expression::Arithmetic::Real, kVariables);
  EXPECT_TRUE(expression.ok()) << expression.message();
  double result = 0;
  EXPECT_EQ(expression->evaluate(kValues, result), nullptr);
  return result;
}

TEST(ExpressionTest, integerArithmetic) {
  EXPECT_EQ(evaluateInteger("1 + 2 * 3 - 4"), "3");
  EXPECT_EQ(evaluateInteger("(1 + 2) * -3"), "-9");
  EXPECT_EQ(evaluateInteger("ceildiv(length, 128)"), "8");
  EXPECT_EQ(evaluateInteger("ceildiv(1024, 128)"), "8");
  EXPECT_EQ(evaluateInteger("ceildiv(query.stride.1, 2)"), "-3");
  EXPECT_EQ(evaluateInteger("query.stride.1 / 2"), "-3");
  EXPECT_EQ(evaluateInteger("query.stride.1 % 2"), "-1");
  EXPECT_EQ(evaluateInteger("min(length, max(3, 5)) - 10 - 1"), "-6");
  EXPECT_EQ(evaluateInteger("9223372036854775807"), "9223372036854775807");
}

TEST(ExpressionTest, integerProblemsAreValues) {
  EXPECT_EQ(evaluateInteger("1 / (length - 1000)"), "division by zero");
  EXPECT_EQ(evaluateInteger("length % 0"), "division by zero");
  EXPECT_EQ(evaluateInteger("9223372036854775807 + 1"), "integer overflow");
  EXPECT_EQ(evaluateInteger("4611686018427387904 * length"),
            "integer overflow");
  EXPECT_EQ(evaluateInteger("(0 - 9223372036854775807 - 1) / -1"),
            "integer overflow");
}

TEST(ExpressionTest, realArithmetic) {
  EXPECT_EQ(evaluateReal("bias * 0.5"), -1.25);
  EXPECT_EQ(evaluateReal("length / 16"), 62.5);
  EXPECT_EQ(evaluateReal("max(bias, -1e1) + 1.4426950408889634"),
            -2.5 + 1.4426950408889634);
  EXPECT_EQ(evaluateReal("ceildiv(length, 128)"), 8);
  EXPECT_EQ(evaluateReal("-bias % 2"), 0.5);
}

TEST(ExpressionTest, malformedTextIsRefused) {
  EXPECT_EQ(evaluateInteger("length +"),
            "expression \"length +\": expected a value at 8, got the end");
  EXPECT_EQ(evaluateInteger("2 length"),
            "expression \"2 length\": expected an operator at 2, got 'l'");
  EXPECT_EQ(evaluateInteger("width"),
            "expression \"width\": unknown name 'width'");
  EXPECT_EQ(evaluateInteger("bias"),
            "expression \"bias\": expected an integer, got 'bias'");
  EXPECT_EQ(evaluateInteger("1.5"),
            "expression \"1.5\": expected a 64-bit integer at 0, got '1'");
  EXPECT_EQ(evaluateInteger("min(1)"),
            "expression \"min(1)\": expected ',' at 5, got ')'");
  EXPECT_EQ(evaluateInteger(std::string(1000, '(')),
            "expression \"" + std::string(1000, '(') + "\": nested too deeply");
  EXPECT_EQ(evaluateInteger(""),
            "expression \"\": expected a value at 0, got the end");
}

TEST(ExpressionTest, variablesAreListedOnce) {
  auto expression = Expression::parse("bias + length * bias",
                                      Expression::Arithmetic::Real, kVariables);
  ASSERT_TRUE(expression.ok());
  EXPECT_EQ(expression->variables(), (std::vector<int>{2, 0}));
}
