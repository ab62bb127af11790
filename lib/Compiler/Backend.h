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
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

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

  /// Compiles a module whose only public function has `signature`, without
  /// private ones that it does not call; lowers the module in place. The code
  /// is bytes that load() takes, in this process or in another one of the same
  /// identity.
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

/// Code for the first Hopper GPU; Unavailable if there is none.
Result<std::unique_ptr<Backend>> createSM90Backend();

/// The GPU's backend for the functions that it can compile and the CPU's for
/// the others; the CPU's alone without a GPU. What was chosen is logged.
Result<std::unique_ptr<Backend>> createAutoBackend();

/// The backend for a target.
Result<std::unique_ptr<Backend>> createBackend(Target target);

/// Sets a pipeline's options from their text, as its flag takes them.
Status parsePipelineOptions(const std::string &text,
                            mlir::detail::PassOptions &options);

/// Runs passes on the module and dumps the IR after each into `folder` of the
/// dump. `failure` is the message if they fail without a diagnostic.
Status runPasses(mlir::PassManager &passes, mlir::ModuleOp module,
                 const DumpFolder &dump, const std::string &folder,
                 const std::string &failure);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_COMPILER_BACKEND_H
