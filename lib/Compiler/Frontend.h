//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parsing a module, collecting its diagnostics, and finding out how its entry
// is called. Private to the compiler library.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_COMPILER_FRONTEND_H
#define SIGMOID_ATTN_LIB_COMPILER_FRONTEND_H

#include "sigmoid-attn/Compiler/Signature.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace sigmoid_attn {

/// Collects the errors that a context reports while this object lives, so that
/// they become the text of a Status. Other diagnostics go to the log.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext *context);

  /// The errors so far, one a line, or `fallback` if there are none.
  Status takeError(const std::string &fallback);

private:
  std::string errors;
  mlir::ScopedDiagnosticHandler handler;
};

/// A context with every dialect, interface and translation that compiling
/// takes.
std::unique_ptr<mlir::MLIRContext> makeContext();

/// Parses and verifies MLIR text or bytecode.
Result<mlir::OwningOpRef<mlir::ModuleOp>>
parseModule(std::string_view source, const std::string &name,
            mlir::MLIRContext *context);

/// Finds the function to call: the one named, or the only public one. Makes it
/// the only public one.
Result<mlir::func::FuncOp> selectEntry(mlir::ModuleOp module,
                                       const std::string &entry,
                                       const std::string &sourceName);

/// Refuses functions that call themselves, directly or through others: nothing
/// bounds the stack that compiled code would take.
Status checkNotRecursive(mlir::ModuleOp module);

/// How the function is called, before any lowering. Refuses argument and result
/// types that arrays cannot carry.
Result<FunctionSignature> analyzeSignature(mlir::func::FuncOp function);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_COMPILER_FRONTEND_H
