//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled code and how to call it, as the bytes of a cache entry. Private to
// the compiler library.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_COMPILER_CODEENTRY_H
#define SIGMOID_ATTN_LIB_COMPILER_CODEENTRY_H

#include "sigmoid-attn/Compiler/Signature.h"

namespace sigmoid_attn {

/// A signature and the code that a backend made for it.
struct CodeEntry {
  FunctionSignature signature;
  std::string code;
};

/// The entry as bytes, for this machine only.
std::string serialize(const CodeEntry &entry);

/// The entry that the bytes hold, if they are whole.
std::optional<CodeEntry> deserialize(std::string_view bytes);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_COMPILER_CODEENTRY_H
