//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conditions, and what is said of one that does not hold.
//
//===----------------------------------------------------------------------===//

#include "Condition.h"

#include "Json.h"

using namespace sigmoid_attn;

Result<BoundCondition>
BoundCondition::create(const RecipeCondition &condition,
                       const std::vector<Variable> &variables) {
  Result<Expression> value = Expression::parse(
      condition.value, Expression::Arithmetic::Real, variables);
  if (!value.ok())
    return value.status();
  return BoundCondition{std::move(*value), condition.min, condition.max,
                        condition.argument};
}

Status BoundCondition::check(const std::vector<Variable> &variables,
                             const VariableValue *values) const {
  if (holds(values))
    return Status::success();
  double found = 0;
  const char *problem = value.evaluate(values, found);
  using json::printNumber;
  std::string expected;
  if (min && max && *min == *max)
    expected = printNumber(*min);
  else if (min && max)
    expected = printNumber(*min) + " to " + printNumber(*max);
  else if (min)
    expected = "at least " + printNumber(*min);
  else
    expected = "at most " + printNumber(*max);
  std::string where;
  for (int variable : value.variables())
    if (variables[variable].name != value.str())
      where += (where.empty() ? " where " : ", ") + variables[variable].name +
               " is " + printNumber(values[variable].real);
  Status status = Status::invalidArgument(
      "expected " + value.str() + " to be " + expected + where + ", got " +
      (problem ? problem : printNumber(found)));
  return argument.empty() ? status : status.withContext(argument);
}
