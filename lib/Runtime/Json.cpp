//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Json.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace sigmoid_attn;
using namespace sigmoid_attn::json;

const Value *Value::find(const std::string &name) const {
  for (const auto &[key, value] : members)
    if (key == name)
      return &value;
  return nullptr;
}

const char *json::describe(Value::Kind kind) {
  switch (kind) {
  case Value::Kind::Null:
    return "null";
  case Value::Kind::Bool:
    return "a boolean";
  case Value::Kind::Number:
    return "a number";
  case Value::Kind::String:
    return "a string";
  case Value::Kind::Array:
    return "an array";
  case Value::Kind::Object:
    return "an object";
  }
  return "nothing";
}

namespace {

/// Deeper nesting than this is refused, so that hostile input cannot exhaust
/// the stack.
constexpr int kMaxDepth = 32;

/// A recursive-descent reader over `text`.
class Parser {
public:
  explicit Parser(const std::string &text) : text(text) {}

  Result<Value> run() {
    Value value;
    if (!parseValue(value, 0))
      return failure();
    skipSpace();
    if (position != text.size()) {
      expect("end of text");
      return failure();
    }
    return value;
  }

private:
  bool expect(const char *what) {
    if (problem.empty())
      problem = std::string("expected ") + what;
    return false;
  }

  Status failure() const {
    size_t line = 1, column = 1;
    for (size_t i = 0; i < position && i < text.size(); ++i) {
      ++column;
      if (text[i] == '\n') {
        ++line;
        column = 1;
      }
    }
    return Status::invalidArgument("json:" + std::to_string(line) + ":" +
                                   std::to_string(column) + ": " + problem);
  }

  void skipSpace() {
    while (position < text.size() && strchr(" \t\r\n", text[position]) &&
           text[position] != '\0')
      ++position;
  }

  bool consume(char c) {
    skipSpace();
    if (position >= text.size() || text[position] != c)
      return false;
    ++position;
    return true;
  }

  bool parseValue(Value &value, int depth) {
    if (depth > kMaxDepth)
      return expect("less nesting");
    skipSpace();
    if (position >= text.size())
      return expect("a value");
    switch (text[position]) {
    case '{':
      return parseObject(value, depth);
    case '[':
      return parseArray(value, depth);
    case '"':
      value.kind = Value::Kind::String;
      return parseString(value.text);
    default:
      return parseWord(value);
    }
  }

  bool parseObject(Value &value, int depth) {
    value.kind = Value::Kind::Object;
    ++position;
    if (consume('}'))
      return true;
    do {
      skipSpace();
      std::string key;
      if (position >= text.size() || text[position] != '"')
        return expect("a member's name");
      if (!parseString(key))
        return false;
      if (value.find(key))
        return expect("each member once");
      if (!consume(':'))
        return expect("':'");
      value.members.emplace_back(std::move(key), Value());
      if (!parseValue(value.members.back().second, depth + 1))
        return false;
    } while (consume(','));
    return consume('}') || expect("',' or '}'");
  }

  bool parseArray(Value &value, int depth) {
    value.kind = Value::Kind::Array;
    ++position;
    if (consume(']'))
      return true;
    do {
      value.elements.emplace_back();
      if (!parseValue(value.elements.back(), depth + 1))
        return false;
    } while (consume(','));
    return consume(']') || expect("',' or ']'");
  }

  bool parseString(std::string &out) {
    for (++position; position < text.size(); ++position) {
      char c = text[position];
      if (c == '"') {
        ++position;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20)
        break;
      if (c == '\\' && !parseEscape(out))
        return false;
      if (c != '\\')
        out.push_back(c);
    }
    return expect("the end of the string");
  }

  /// Reads the escape at `position` and leaves `position` on its last byte.
  bool parseEscape(std::string &out) {
    static const char kNames[] = "\"\\/bfnrt";
    static const char kValues[] = "\"\\/\b\f\n\r\t";
    if (++position >= text.size())
      return expect("an escape");
    char c = text[position];
    if (const char *name = c ? strchr(kNames, c) : nullptr) {
      out.push_back(kValues[name - kNames]);
      return true;
    }
    // The printer writes only control characters this way.
    if (c == 'u' && position + 4 < text.size()) {
      char *end = nullptr;
      std::string digits = text.substr(position + 1, 4);
      unsigned long code = strtoul(digits.c_str(), &end, 16);
      if (end == digits.c_str() + 4 && code < 0x80) {
        out.push_back(static_cast<char>(code));
        position += 4;
        return true;
      }
    }
    return expect("an escape of an ASCII character");
  }

  bool parseWord(Value &value) {
    size_t start = position;
    while (position < text.size() &&
           (isalnum(static_cast<unsigned char>(text[position])) ||
            strchr("+-.", text[position])) &&
           text[position] != '\0')
      ++position;
    value.text = text.substr(start, position - start);
    if (value.text == "true" || value.text == "false") {
      value.kind = Value::Kind::Bool;
      value.boolean = value.text == "true";
      return true;
    }
    if (value.text == "null")
      return true;
    value.kind = Value::Kind::Number;
    char *end = nullptr;
    bool startsRight = !value.text.empty() &&
                       (isdigit(static_cast<unsigned char>(value.text[0])) ||
                        value.text[0] == '-');
    if (startsRight && std::isfinite(strtod(value.text.c_str(), &end)) && !*end)
      return true;
    position = start;
    return expect("a value");
  }

  const std::string &text;
  size_t position = 0;
  std::string problem;
};

} // namespace

Result<Value> json::parse(const std::string &text) {
  return Parser(text).run();
}

std::string json::quote(const std::string &text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      snprintf(escape, sizeof(escape), "\\u%04x", c);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string json::printNumber(double number) {
  // Whole numbers without an exponent, as people write them.
  if (std::fabs(number) < 1e15 && number == std::trunc(number) && number != 0)
    return std::to_string(static_cast<long long>(number));
  char buffer[40];
  for (int digits = 1; digits <= 17; ++digits) {
    snprintf(buffer, sizeof(buffer), "%.*g", digits, number);
    if (strtod(buffer, nullptr) == number)
      break;
  }
  return buffer;
}
