//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions that the compiler has made and that a program can call.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_COMPILER_COMPILEDFUNCTION_H
#define SIGMOID_ATTN_COMPILER_COMPILEDFUNCTION_H

#include "sigmoid-attn/Compiler/Signature.h"

#include <memory>

namespace sigmoid_attn {

class Kernel;

/// Where compiled code runs. The values are part of the C API.
enum class Target : int32_t {
  /// The GPU if there is one, the CPU otherwise.
  Auto = 0,
  CPU = 1,
  /// NVIDIA Hopper, sm_90a.
  SM90 = 2,
};

/// `auto`, `cpu` or `sm_90a`.
const char *getTargetName(Target target);

/// The target of that name.
Result<Target> parseTarget(std::string_view name);

/// Loaded code of one function. Calls may come from several threads at once.
class Executable {
public:
  virtual ~Executable() = default;

  /// Runs the function on arguments that checkArguments has accepted, in host
  /// memory, and waits for it.
  virtual Result<std::vector<Array>>
  call(const FunctionSignature &signature,
       const std::vector<ArrayView> &arguments) = 0;

  /// Where it runs; never Auto.
  virtual Target target() const { return Target::CPU; }

  /// The kernel, if it is one for a GPU; null otherwise.
  virtual std::shared_ptr<Kernel> kernel() const { return nullptr; }
};

/// A function ready to be called. Copies share the code, which lives as long as
/// any of them, whatever becomes of the compiler.
class CompiledFunction {
public:
  CompiledFunction(FunctionSignature signature, Target target,
                   std::shared_ptr<Executable> executable)
      : state(std::make_shared<State>(
            State{std::move(signature), target, std::move(executable)})) {}

  const FunctionSignature &signature() const { return state->signature; }

  /// The target it was compiled for; never Auto.
  Target target() const { return state->target; }

  /// Checks the arguments, runs the function and returns its results, which are
  /// the caller's. Scalars are arrays of rank 0. If it refuses the arguments
  /// (InvalidArgument), nothing was run or written.
  Result<std::vector<Array>>
  operator()(const std::vector<ArrayView> &arguments) const;

  /// For functions compiled for a GPU, what launches them on memory of the
  /// device and on a stream of the caller's, see Runtime/Kernel.h; null for
  /// others. Its arguments are the function's and then its results.
  std::shared_ptr<Kernel> kernel() const { return state->executable->kernel(); }

  /// The same function, which first refuses calls that break these conditions.
  CompiledFunction
  withConditions(const std::vector<SizeCondition> &conditions) const {
    FunctionSignature stricter = signature();
    stricter.conditions.insert(stricter.conditions.begin(), conditions.begin(),
                               conditions.end());
    return CompiledFunction(std::move(stricter), target(), state->executable);
  }

private:
  struct State {
    FunctionSignature signature;
    Target target;
    std::shared_ptr<Executable> executable;
  };
  std::shared_ptr<const State> state;
};

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_COMPILER_COMPILEDFUNCTION_H
