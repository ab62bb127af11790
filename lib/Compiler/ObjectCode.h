//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's part of the CPU target: object code from a lowered module, and object
// code in memory that can be called. Private to the compiler library.
//
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_COMPILER_OBJECTCODE_H
#define SIGMOID_ATTN_LIB_COMPILER_OBJECTCODE_H

#include "DumpFolder.h"

#include "sigmoid-attn/Compiler/CompiledFunction.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/Support/Error.h"

namespace sigmoid_attn {

/// The symbol of the function that unpacks a call's arguments.
constexpr char kEntrySymbol[] = "sigmoid_attn_entry";

/// Its type. The list holds, in the order of the C interface's parameters, the
/// address of each memref descriptor and of each scalar, then, if results come
/// back in a register, where to put them.
using EntryFunction = void (*)(void **);

/// The failure's text, in the project's voice.
std::string takeMessage(llvm::Error error);

/// How to make code for the host.
Result<llvm::orc::JITTargetMachineBuilder> detectHost();

/// Triple, processor and features of the host, as one line.
Result<std::string> describeHost();

/// Translates a module of the LLVM dialect, optimises it for the host, and
/// returns a relocatable object that defines kEntrySymbol for the function
/// called `name`, which must have a C interface.
Result<std::string> compileObject(mlir::ModuleOp module,
                                  const std::string &name,
                                  const DumpFolder &dump);

/// Links an object from compileObject into this process.
Result<std::shared_ptr<Executable>> loadObject(std::string_view object);

} // namespace sigmoid_attn

#endif // SIGMOID_ATTN_LIB_COMPILER_OBJECTCODE_H
