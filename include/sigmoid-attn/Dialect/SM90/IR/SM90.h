//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The sm90 dialect: its types and operations.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_SM90_IR_SM90_H
#define SIGMOID_ATTN_DIALECT_SM90_IR_SM90_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/LLVMIR/LLVMTypes.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "sigmoid-attn/Dialect/SM90/IR/SM90Dialect.h.inc"
#include "sigmoid-attn/Dialect/SM90/IR/SM90Enums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "sigmoid-attn/Dialect/SM90/IR/SM90Attrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "sigmoid-attn/Dialect/SM90/IR/SM90Types.h.inc"

#define GET_OP_CLASSES
#include "sigmoid-attn/Dialect/SM90/IR/SM90Ops.h.inc"

namespace mlir::sm90 {

/// Whether PTX can write `name` (PTX ISA, "Identifiers"): a letter, or `_` or
/// `$` and more, followed by letters, digits, `_` and `$`.
bool isPTXIdentifier(StringRef name);

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_DIALECT_SM90_IR_SM90_H
