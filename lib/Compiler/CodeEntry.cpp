//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeEntry.h"

#include <cstring>

using namespace sigmoid_attn;

namespace {
/// Writes fields one after the other. Writer and Reader have the same members,
/// so that one function lists the fields of each type for both.
class Writer {
public:
  template <typename Integer> void number(const Integer &value) {
    int64_t wide = static_cast<int64_t>(value);
    bytes.append(reinterpret_cast<const char *>(&wide), sizeof(wide));
  }
  void string(const std::string &text) {
    number(text.size());
    bytes += text;
  }
  template <typename Element, typename Function>
  void list(const std::vector<Element> &elements, Function &&each) {
    number(elements.size());
    for (const Element &element : elements)
      each(element);
  }

  std::string bytes;
};

/// Reads what Writer wrote. Once the bytes run out, everything is zero.
class Reader {
public:
  explicit Reader(std::string_view bytes) : bytes(bytes) {}

  template <typename Integer> void number(Integer &value) {
    int64_t wide = 0;
    if (bytes.size() < sizeof(wide))
      return fail();
    std::memcpy(&wide, bytes.data(), sizeof(wide));
    bytes.remove_prefix(sizeof(wide));
    value = static_cast<Integer>(wide);
  }
  void string(std::string &text) {
    size_t size = 0;
    number(size);
    if (bytes.size() < size)
      return fail();
    text = bytes.substr(0, size);
    bytes.remove_prefix(size);
  }
  template <typename Element, typename Function>
  void list(std::vector<Element> &elements, Function &&each) {
    size_t size = 0;
    number(size);
    for (size_t i = 0; i < size && !failed; ++i)
      each(elements.emplace_back());
  }

  /// Whether every byte was read and none was missing.
  bool isComplete() const { return !failed && bytes.empty(); }

private:
  void fail() {
    failed = true;
    bytes = {};
  }

  std::string_view bytes;
  bool failed = false;
};
} // namespace

template <typename Stream, typename Type>
static void visitType(Stream &stream, Type &type) {
  auto number = [&](auto &value) { stream.number(value); };
  stream.number(type.kind);
  stream.number(type.elementType);
  stream.list(type.shape, number);
  stream.list(type.strides, number);
  stream.number(type.offset);
  stream.number(type.written);
}

template <typename Stream, typename Condition>
static void visitCondition(Stream &stream, Condition &condition) {
  stream.number(condition.kind);
  stream.number(condition.argument);
  stream.number(condition.dim);
  stream.number(condition.otherArgument);
  stream.number(condition.otherDim);
  stream.number(condition.value);
}

template <typename Stream, typename Index>
static void visitIndex(Stream &stream, Index &index) {
  stream.number(index.argument);
  stream.number(index.dim);
  stream.number(index.size);
  stream.string(index.least);
  stream.string(index.end);
}

template <typename Stream, typename Entry>
static void visitEntry(Stream &stream, Entry &entry) {
  auto type = [&](auto &value) { visitType(stream, value); };
  stream.string(entry.signature.name);
  stream.list(entry.signature.arguments, type);
  stream.list(entry.signature.results, type);
  stream.list(entry.signature.conditions,
              [&](auto &value) { visitCondition(stream, value); });
  stream.list(entry.signature.indices,
              [&](auto &value) { visitIndex(stream, value); });
  stream.string(entry.code);
}

std::string sigmoid_attn::serialize(const CodeEntry &entry) {
  Writer writer;
  visitEntry(writer, entry);
  return std::move(writer.bytes);
}

std::optional<CodeEntry> sigmoid_attn::deserialize(std::string_view bytes) {
  Reader reader(bytes);
  CodeEntry entry;
  visitEntry(reader, entry);
  if (!reader.isComplete())
    return std::nullopt;
  return entry;
}
