//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The variables that a recipe's expressions may name, and where their values
/// stand.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_RUNTIME_RECIPEVARIABLES_H
#define SIGMOID_ATTN_LIB_RUNTIME_RECIPEVARIABLES_H

#include "Expression.h"
#include "sigmoid-attn/Runtime/Recipe.h"

#include <vector>

namespace sigmoid_attn {

/// The layout of a recipe's variables: shape names, then size and stride of
/// each dimension of each tensor, then scalars, then `sm_count`.
struct RecipeVariables {
  explicit RecipeVariables(const Recipe &recipe);

  std::vector<Variable> list;
  /// One entry an argument: where its first variable stands. Dimension d of a
  /// tensor has its size at first + 2d and its stride at first + 2d + 1.
  std::vector<int> first;
  /// One entry an argument and dimension: the place of the dimension's name, or
  /// -1 where an integer is expected.
  std::vector<std::vector<int>> shapeName;
  int smCount = 0;

  /// The place of `name`, or -1.
  int find(const std::string &name) const;
};

/// The argument called `name`, or -1.
int findArgument(const Recipe &recipe, const std::string &name);

/// The integer that `text` spells, if it spells one that is not negative.
std::optional<int64_t> parseSize(const std::string &text);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_RUNTIME_RECIPEVARIABLES_H
