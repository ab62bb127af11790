//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Expression.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdlib>

using namespace sigmoid_attn;

namespace sigmoid_attn {

/// A recursive-descent parser that emits the postfix program.
class ExpressionParser {
public:
  ExpressionParser(const std::string &text, Expression::Arithmetic arithmetic,
                   const std::vector<Variable> &variables)
      : text(text), arithmetic(arithmetic), variables(variables) {}

  Result<Expression> run() {
    out.source = text;
    if (parseSum()) {
      skipSpace();
      if (position != text.size())
        fail("an operator");
    }
    if (!problem.empty())
      return Status::invalidArgument("expression \"" + text + "\": " + problem);
    return std::move(out);
  }

private:
  using Op = Expression::Op;

  bool fail(const std::string &what) {
    std::string found = position < text.size()
                            ? "'" + text.substr(position, 1) + "'"
                            : "the end";
    return failWith("expected " + what + " at " + std::to_string(position) +
                    ", got " + found);
  }

  bool failWith(std::string message) {
    if (problem.empty())
      problem = std::move(message);
    return false;
  }

  void skipSpace() {
    while (position < text.size() && text[position] == ' ')
      ++position;
  }

  bool consume(char c) {
    skipSpace();
    if (position >= text.size() || text[position] != c)
      return false;
    ++position;
    return true;
  }

  /// Appends a step, and keeps count of the stack that the program needs.
  bool emit(Op op, int popped, VariableValue constant = {}, int variable = 0) {
    out.steps.push_back({op, variable, constant});
    depth += 1 - popped;
    return depth <= Expression::kMaxStack || failWith("nested too deeply");
  }

  bool parseSum() {
    if (!parseProduct())
      return false;
    for (;;) {
      Op op = consume('+')   ? Op::Add
              : consume('-') ? Op::Subtract
                             : Op::Constant;
      if (op == Op::Constant)
        return true;
      if (!parseProduct() || !emit(op, 2))
        return false;
    }
  }

  bool parseProduct() {
    if (!parseUnary())
      return false;
    for (;;) {
      Op op = consume('*')   ? Op::Multiply
              : consume('/') ? Op::Divide
              : consume('%') ? Op::Remainder
                             : Op::Constant;
      if (op == Op::Constant)
        return true;
      if (!parseUnary() || !emit(op, 2))
        return false;
    }
  }

  bool parseUnary() {
    if (++nesting > Expression::kMaxStack)
      return failWith("nested too deeply");
    bool ok =
        consume('-') ? parseUnary() && emit(Op::Negate, 1) : parsePrimary();
    --nesting;
    return ok;
  }

  bool parsePrimary() {
    if (consume('('))
      return parseSum() && (consume(')') || fail("')'"));
    skipSpace();
    if (position >= text.size())
      return fail("a value");
    unsigned char c = text[position];
    if (isdigit(c))
      return parseNumber();
    if (isalpha(c) || c == '_')
      return parseName();
    return fail("a value");
  }

  bool parseNumber() {
    const char *start = text.c_str() + position;
    char *realEnd = nullptr, *integerEnd = nullptr;
    VariableValue constant;
    errno = 0;
    constant.integer = strtoll(start, &integerEnd, 10);
    bool overflow = errno == ERANGE;
    constant.real = strtod(start, &realEnd);
    if (arithmetic == Expression::Arithmetic::Integer &&
        (integerEnd != realEnd || overflow))
      return fail("a 64-bit integer");
    position += realEnd - start;
    return emit(Op::Constant, 0, constant);
  }

  bool parseName() {
    size_t start = position;
    while (position < text.size() &&
           (isalnum(static_cast<unsigned char>(text[position])) ||
            text[position] == '_' || text[position] == '.'))
      ++position;
    std::string name = text.substr(start, position - start);
    Op call = name == "min"       ? Op::Min
              : name == "max"     ? Op::Max
              : name == "ceildiv" ? Op::CeilDivide
                                  : Op::Constant;
    if (call != Op::Constant)
      return (consume('(') || fail("'('")) && parseSum() &&
             (consume(',') || fail("','")) && parseSum() &&
             (consume(')') || fail("')'")) && emit(call, 2);
    for (size_t i = 0; i < variables.size(); ++i) {
      if (variables[i].name != name)
        continue;
      if (arithmetic == Expression::Arithmetic::Integer &&
          !variables[i].isInteger)
        return failWith("expected an integer, got '" + name + "'");
      return emit(Op::Variable, 0, {}, static_cast<int>(i));
    }
    return failWith("unknown name '" + name + "'");
  }

  const std::string &text;
  Expression::Arithmetic arithmetic;
  const std::vector<Variable> &variables;
  Expression out;
  size_t position = 0;
  int depth = 0;
  int nesting = 0;
  std::string problem;
};

} // namespace sigmoid_attn

Result<Expression> Expression::parse(const std::string &text,
                                     Arithmetic arithmetic,
                                     const std::vector<Variable> &variables) {
  return ExpressionParser(text, arithmetic, variables).run();
}

std::vector<int> Expression::variables() const {
  std::vector<int> named;
  for (const Step &step : steps)
    if (step.op == Op::Variable &&
        std::find(named.begin(), named.end(), step.variable) == named.end())
      named.push_back(step.variable);
  return named;
}

const char *Expression::evaluate(const VariableValue *values,
                                 int64_t &result) const {
  int64_t stack[kMaxStack];
  int top = -1;
  for (const Step &step : steps) {
    if (step.op == Op::Constant || step.op == Op::Variable) {
      stack[++top] = step.op == Op::Constant ? step.constant.integer
                                             : values[step.variable].integer;
      continue;
    }
    int64_t b = stack[top];
    if (step.op == Op::Negate) {
      if (__builtin_sub_overflow(int64_t(0), b, &stack[top]))
        return "integer overflow";
      continue;
    }
    int64_t &a = stack[--top];
    bool overflow = false;
    switch (step.op) {
    case Op::Add:
      overflow = __builtin_add_overflow(a, b, &a);
      break;
    case Op::Subtract:
      overflow = __builtin_sub_overflow(a, b, &a);
      break;
    case Op::Multiply:
      overflow = __builtin_mul_overflow(a, b, &a);
      break;
    case Op::Min:
      a = std::min(a, b);
      break;
    case Op::Max:
      a = std::max(a, b);
      break;
    default: {
      if (b == 0)
        return "division by zero";
      if (a == INT64_MIN && b == -1)
        return "integer overflow";
      int64_t quotient = a / b, remainder = a % b;
      bool up =
          step.op == Op::CeilDivide && remainder && (remainder < 0) == (b < 0);
      a = step.op == Op::Remainder ? remainder : quotient + up;
    }
    }
    if (overflow)
      return "integer overflow";
  }
  result = stack[0];
  return nullptr;
}

const char *Expression::evaluate(const VariableValue *values,
                                 double &result) const {
  double stack[kMaxStack];
  int top = -1;
  for (const Step &step : steps) {
    if (step.op == Op::Constant || step.op == Op::Variable) {
      stack[++top] = step.op == Op::Constant ? step.constant.real
                                             : values[step.variable].real;
      continue;
    }
    double b = stack[top];
    if (step.op == Op::Negate) {
      stack[top] = -b;
      continue;
    }
    double &a = stack[--top];
    if (b == 0 && (step.op == Op::Divide || step.op == Op::Remainder ||
                   step.op == Op::CeilDivide))
      return "division by zero";
    switch (step.op) {
    case Op::Add:
      a += b;
      break;
    case Op::Subtract:
      a -= b;
      break;
    case Op::Multiply:
      a *= b;
      break;
    case Op::Divide:
      a /= b;
      break;
    case Op::Remainder:
      a = std::fmod(a, b);
      break;
    case Op::CeilDivide:
      a = std::ceil(a / b);
      break;
    case Op::Min:
      a = std::fmin(a, b);
      break;
    default:
      a = std::fmax(a, b);
      break;
    }
  }
  result = stack[0];
  return nullptr;
}
