//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is behind the C API's opaque types, and how its functions report.
// Private to lib/CAPI.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CAPI_COMPILEROBJECTS_H
#define SIGMOID_ATTN_LIB_CAPI_COMPILEROBJECTS_H

#include "sigmoid-attn-c/Compiler.h"

#include "sigmoid-attn/Compiler/Compiler.h"

struct SigmoidAttnCompiler {
  sigmoid_attn::Compiler compiler;
};

struct SigmoidAttnFunction {
  sigmoid_attn::CompiledFunction function;
  std::vector<std::string> argumentTypes;
  std::vector<std::string> resultTypes;
};

struct SigmoidAttnResults {
  std::vector<sigmoid_attn::Array> arrays;
};

namespace sigmoid_attn {

/// Keeps the text of a failure for the thread and returns the status's code.
int report(const Status &status);

/// Refuses a null where the interface wants a value.
int reportNull(const char *name);

/// Hands a compiled function to the caller, or reports why there is none.
int takeFunction(Result<CompiledFunction> compiled,
                 SigmoidAttnFunction **function);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_CAPI_COMPILEROBJECTS_H
