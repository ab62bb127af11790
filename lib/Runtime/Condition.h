//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// A recipe's condition, ready to be evaluated.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_RUNTIME_CONDITION_H
#define SIGMOID_ATTN_LIB_RUNTIME_CONDITION_H

#include "Expression.h"
#include "sigmoid-attn/Runtime/Recipe.h"

#include <optional>
#include <string>
#include <vector>

namespace sigmoid_attn {

/// See the file comment.
struct BoundCondition {
  Expression value;
  std::optional<double> min;
  std::optional<double> max;
  std::string argument = {};

  /// Parses a condition over these variables.
  static Result<BoundCondition> create(const RecipeCondition &condition,
                                       const std::vector<Variable> &variables);

  /// Whether the value lies within the bounds; NaN and what has no value lie
  /// outside of every bound.
  bool holds(const VariableValue *values) const {
    double found = 0;
    return !value.evaluate(values, found) && (!min || found >= *min) &&
           (!max || found <= *max);
  }

  /// Success if it holds, else what was expected and found.
  Status check(const std::vector<Variable> &variables,
               const VariableValue *values) const;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_RUNTIME_CONDITION_H
