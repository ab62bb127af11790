//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// A call's arguments held against the recipe: the checks that need no device,
/// and the values of the recipe's variables.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_RUNTIME_ARGUMENTBINDING_H
#define SIGMOID_ATTN_LIB_RUNTIME_ARGUMENTBINDING_H

#include "RecipeVariables.h"
#include "sigmoid-attn/Runtime/Argument.h"

namespace sigmoid_attn {

/// More variables than this are refused when a kernel is created, so that a
/// launch can keep their values on the stack.
constexpr size_t kMaxVariables = 256;

/// The values of a call.
struct Binding {
  VariableValue values[kMaxVariables];
  /// Whether every written tensor is empty, so that there is nothing to do.
  bool nothingToWrite = true;
};

/// Checks arguments and binds the variables to them; made once for a recipe.
class ArgumentBinder {
public:
  explicit ArgumentBinder(const Recipe &recipe)
      : recipe(recipe), variables(recipe) {}

  /// Refuses what the recipe does not allow, and fills `binding` but for
  /// `sm_count`.
  Status bind(const Argument *arguments, size_t count, Binding &binding) const;

  const RecipeVariables &layout() const { return variables; }

private:
  Status bindTensor(size_t place, const Argument &argument, Binding &binding,
                    bool *isBound) const;
  Status bindScalar(size_t place, const Argument &argument,
                    Binding &binding) const;

  const Recipe &recipe;
  RecipeVariables variables;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_RUNTIME_ARGUMENTBINDING_H
