//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs problems on the compiler's code, each distinct module compiled once.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_UNITTESTS_INTEGRATION_ENGINE_H
#define SIGMOID_ATTN_UNITTESTS_INTEGRATION_ENGINE_H

#include "GuardedArray.h"
#include "Reference.h"

#include "sigmoid-attn/Compiler/Compiler.h"

#include <map>

namespace sigmoid_attn::test {

/// The results of a problem, dense and row-major: the output, or the gradients
/// of query, key and value.
using Outputs = std::vector<std::vector<double>>;

class Engine {
public:
  /// The one that the program's --target asked for.
  static Engine &get();

  /// To be called once, before get(). Fails on an unknown target.
  static Status start(const std::string &target);

  /// Solves the problem. Fails as well if code wrote to an input, beside an
  /// output, or read what is no element (the result is then NaN).
  Result<Outputs> run(const Problem &problem, const Inputs &inputs);

  /// Why the target does not offer this problem; empty if it does. Only what
  /// the documentation says is refused is listed here.
  std::string whyUnsupported(const Problem &problem) const;

  Target target() const { return wanted; }

private:
  explicit Engine(Target target);
  Result<CompiledFunction> compile(const Problem &problem);
  Result<Outputs> runOnBuffers(const Problem &problem, const Inputs &inputs,
                               const CompiledFunction &function);
  Result<Outputs> runOnTensors(const Problem &problem, const Inputs &inputs,
                               const CompiledFunction &function);

  Target wanted;
  Compiler compiler;
  std::map<std::string, CompiledFunction> functions;
};

} // namespace sigmoid_attn::test

#endif // SIGMOID_ATTN_UNITTESTS_INTEGRATION_ENGINE_H
