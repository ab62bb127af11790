//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The just-in-time compiler: MLIR in, a callable function out. Every failure is
// a Status with text; nothing throws, aborts or prints.
//
// Three environment variables set what CompilerOptions leaves open:
// SIGMOID_ATTN_CACHE_DIR (where compiled code is kept between processes),
// SIGMOID_ATTN_DUMP (where to write the IR after each phase and the code), and
// SIGMOID_ATTN_LOG (see Support/Log.h).
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_COMPILER_COMPILER_H
#define SIGMOID_ATTN_COMPILER_COMPILER_H

#include "sigmoid-attn/Compiler/CompiledFunction.h"
#include "sigmoid-attn/Compiler/SigmoidAttentionSpec.h"

#include <string_view>

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace sigmoid_attn {

struct CompilerOptions {
  /// Auto takes the GPU if there is one that the project has code for, and the
  /// CPU otherwise.
  Target target = Target::Auto;

  /// Options of the target's pipeline as its flag takes them, for example
  /// `raise=false`; `sigmoid-attn-opt --help` lists them.
  std::string pipelineOptions;

  /// The folder of the disk cache; it is made if missing. Empty keeps nothing
  /// on disk. If unset, SIGMOID_ATTN_CACHE_DIR in the same sense, and without
  /// that `sigmoid-attn` in the user's cache folder ($XDG_CACHE_HOME or
  /// ~/.cache).
  std::optional<std::string> cacheDirectory;

  /// The folder that receives the IR after each pass, the assembly and the
  /// object, in a subfolder for each compilation. Empty writes nothing. If
  /// unset, SIGMOID_ATTN_DUMP.
  std::optional<std::string> dumpDirectory;
};

/// Compiles functions, and keeps what it compiled: the same source, entry and
/// options give the same function, at once, and across processes through the
/// disk cache. All members may be called from several threads.
class Compiler {
public:
  explicit Compiler(CompilerOptions options = {});
  ~Compiler();
  Compiler(Compiler &&);
  Compiler &operator=(Compiler &&);

  /// Compiles a module given as MLIR text or bytecode. `entry` names the
  /// function to call; if empty, the module's only public function. What it does
  /// not call is left out. Diagnostics name the source `name`.
  Result<CompiledFunction> compileSource(std::string_view source,
                                         const std::string &entry = "",
                                         const std::string &name = "source");

  /// Compiles a file of MLIR text or bytecode.
  Result<CompiledFunction> compileFile(const std::string &path,
                                       const std::string &entry = "");

  /// Compiles a module, which stays as it is, of the caller's context.
  Result<CompiledFunction> compileModule(mlir::ModuleOp module,
                                         const std::string &entry = "");

  /// Compiles one attention operation from its description.
  Result<CompiledFunction> compile(const SigmoidAttentionSpec &spec);

private:
  class Impl;
  std::unique_ptr<Impl> impl;
};

/// The project's version, such as `0.1.0`.
const char *getVersion();

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_COMPILER_COMPILER_H
