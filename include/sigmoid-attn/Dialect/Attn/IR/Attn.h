//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The attn dialect: its attributes and operations.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_IR_ATTN_H
#define SIGMOID_ATTN_DIALECT_ATTN_IR_ATTN_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "sigmoid-attn/Dialect/Attn/IR/AttnAttrs.h"
#include "sigmoid-attn/Dialect/Attn/IR/AttnDialect.h.inc"
#include "sigmoid-attn/Dialect/Attn/IR/AttnInterfaces.h"

#define GET_OP_CLASSES
#include "sigmoid-attn/Dialect/Attn/IR/AttnOps.h.inc"

#endif // SIGMOID_ATTN_DIALECT_ATTN_IR_ATTN_H
