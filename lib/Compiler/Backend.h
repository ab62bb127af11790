//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a target adds to the compiler: code from a module, and loading it.
// Private to the compiler library.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_COMPILER_BACKEND_H
#define SIGMOID_ATTN_LIB_COMPILER_BACKEND_H

#include "DumpFolder.h"

#include "sigmoid-attn/Compiler/CompiledFunction.h"

#include "mlir/IR/BuiltinOps.h"

namespace sigmoid_attn {

/// A target's compiler and loader. All members may be called from several
/// threads at once.
class Backend {
public:
  virtual ~Backend() = default;

  virtual Target target() const = 0;

  /// Whatever besides source and options decides what code comes out: chip and
  /// features, versions of tools. Part of the cache's key.
  virtual std::string identity() const = 0;

  /// Compiles a module whose only public function has `signature`; lowers the
  /// module in place. The code is bytes that load() takes, in this process or
  /// in another one of the same identity.
  virtual Result<std::string> compile(mlir::ModuleOp module,
                                      const FunctionSignature &signature,
                                      const std::string &pipelineOptions,
                                      const DumpFolder &dump) const = 0;

  /// Makes code callable.
  virtual Result<std::shared_ptr<Executable>>
  load(std::string_view code, const FunctionSignature &signature) const = 0;
};

/// Code for the processor that this process runs on.
Result<std::unique_ptr<Backend>> createCPUBackend();

/// The backend for a target; the one place that decides what Auto means.
Result<std::unique_ptr<Backend>> createBackend(Target target);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_COMPILER_BACKEND_H
