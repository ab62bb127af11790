//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The little JSON that recipes need: a value, a reader and a printer.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_RUNTIME_JSON_H
#define SIGMOID_ATTN_LIB_RUNTIME_JSON_H

#include "sigmoid-attn/Support/Status.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sigmoid_attn::json {

/// One JSON value. Numbers keep their text, so that 64-bit integers survive.
struct Value {
  enum class Kind { Null, Bool, Number, String, Array, Object };
  Kind kind = Kind::Null;
  bool boolean = false;
  /// The text of a string (decoded) or of a number (as written).
  std::string text;
  std::vector<Value> elements;
  std::vector<std::pair<std::string, Value>> members;

  /// The member called `name`, or null if there is none or this is no object.
  const Value *find(const std::string &name) const;
};

/// The word for `kind` in messages: "a string", "an object", ...
const char *describe(Value::Kind kind);

/// Reads one value and nothing after it. Messages carry line and column.
Result<Value> parse(const std::string &text);

/// `text` as a JSON string, quotes included.
std::string quote(const std::string &text);

/// `number` in the fewest digits that read back as the same double.
std::string printNumber(double number);

} // namespace sigmoid_attn::json

#endif // SIGMOID_ATTN_LIB_RUNTIME_JSON_H
