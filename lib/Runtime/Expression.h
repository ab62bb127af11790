//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The arithmetic of launch recipes: an expression is parsed once, against the
/// recipe's variables, and evaluated at every launch without allocating.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_RUNTIME_EXPRESSION_H
#define SIGMOID_ATTN_LIB_RUNTIME_EXPRESSION_H

#include "sigmoid-attn/Support/Status.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sigmoid_attn {

/// The value of one variable, in both of the arithmetics.
struct VariableValue {
  int64_t integer = 0;
  double real = 0;
};

/// A variable that expressions may name. Its value stands at the same place of
/// the array that evaluation gets.
struct Variable {
  std::string name;
  /// Integer expressions refuse variables that are not integers.
  bool isInteger = true;
};

/// See the file comment.
class Expression {
public:
  /// Whether the expression is computed in 64-bit integers or in f64.
  enum class Arithmetic { Integer, Real };

  /// Parses `text`; the message of a failure quotes it.
  static Result<Expression> parse(const std::string &text,
                                  Arithmetic arithmetic,
                                  const std::vector<Variable> &variables);

  /// The value for variables at `values`, in the order of parse's variables.
  /// Returns null and sets `result`, or returns why there is no value.
  const char *evaluate(const VariableValue *values, int64_t &result) const;
  const char *evaluate(const VariableValue *values, double &result) const;

  /// The text it was parsed from.
  const std::string &str() const { return source; }

  /// The variables it names, each once.
  std::vector<int> variables() const;

private:
  friend class ExpressionParser;

  enum class Op : uint8_t {
    Constant,
    Variable,
    Negate,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    CeilDivide,
    Min,
    Max,
  };
  /// One step of the postfix program.
  struct Step {
    Op op;
    int variable;
    VariableValue constant;
  };
  static constexpr int kMaxStack = 32;

  std::string source;
  std::vector<Step> steps;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_RUNTIME_EXPRESSION_H
