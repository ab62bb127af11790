//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Arithmetic on numbers that a call knows. What is not known stays so.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_ATTN_TRANSFORMS_CALLNUMBER_H
#define SIGMOID_ATTN_LIB_DIALECT_ATTN_TRANSFORMS_CALLNUMBER_H

#include "sigmoid-attn/Dialect/Attn/Transforms/TableReads.h"

namespace mlir::attn {

using Number = std::optional<CallNumber>;

/// Nothing for numbers that conditions do not have.
Number makeNumber(std::string text, std::optional<int64_t> constant);
Number add(const Number &a, const Number &b);
Number subtract(const Number &a, const Number &b);
Number multiply(const Number &a, const Number &b);
/// The quotient by a positive constant, rounded down.
Number floorDivide(const Number &a, int64_t divisor);
/// The one of both that `name`, `min` or `max`, takes.
Number choose(StringRef name, const Number &a, const Number &b);

/// An expression in parentheses, if it is a sum or a product.
std::string group(const std::string &text);

} // namespace mlir::attn

#endif // SIGMOID_ATTN_LIB_DIALECT_ATTN_TRANSFORMS_CALLNUMBER_H
