//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Attributes of the attn dialect.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNATTRS_H
#define SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNATTRS_H

#include "mlir/IR/Attributes.h"
#include "mlir/IR/OpImplementation.h"

#include <optional>

#include "sigmoid-attn/Dialect/Attn/IR/AttnEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "sigmoid-attn/Dialect/Attn/IR/AttnAttrs.h.inc"

#endif // SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNATTRS_H
