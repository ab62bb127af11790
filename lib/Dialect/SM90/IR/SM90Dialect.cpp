//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registration of the sm90 dialect.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::sm90;

#include "sigmoid-attn/Dialect/SM90/IR/SM90Dialect.cpp.inc"
#include "sigmoid-attn/Dialect/SM90/IR/SM90Enums.cpp.inc"

void SM90Dialect::initialize() {
  registerTypes();
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "sigmoid-attn/Dialect/SM90/IR/SM90Ops.cpp.inc"
      >();
}
