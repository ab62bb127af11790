//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Where in tables a score region reads. What docs/Spec.md calls a bounded
/// index has a least and a largest value that the sizes and scalars of a call
/// give, so that a table that is too small can be refused.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_TABLEREADS_H
#define SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_TABLEREADS_H

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"
#include "sigmoid-attn/Runtime/Recipe.h"

#include <string>

namespace mlir::attn {

/// A number that the compiler or a call knows: an expression of
/// docs/KernelFile.md, nothing for 0, plus a constant.
struct CallNumber {
  std::string text;
  int64_t constant = 0;
  /// What the whole number never exceeds, if that is known.
  std::optional<int64_t> limit = {};

  bool isConstant() const { return text.empty(); }
  /// The whole number as an expression.
  std::string str() const;
};

/// One dimension of one read of a tensor or buffer from outside of the region.
struct TableRead {
  Operation *op;
  Value table;
  int64_t dim;
  /// The index's bounds, each if it is known.
  std::optional<CallNumber> least, most;
};

/// The name that a call gives to an argument or, with a dimension, to a size of
/// an array; empty where it has none.
using CallNamer =
    llvm::function_ref<std::string(Value, std::optional<int64_t>)>;

/// The reads that every score makes, in the region's order. Sizes that types
/// tell are constants; others are looked up with `namer`.
SmallVector<TableRead> getTableReads(AttentionOpInterface op, CallNamer namer);

/// What a call must fulfil so that these reads find something, but for what
/// verifyTableReads knows.
std::vector<sigmoid_attn::RecipeCondition>
getTableConditions(AttentionOpInterface op, CallNamer namer);

/// An error on each read of `op` that types show to be outside of its table.
LogicalResult verifyTableReads(AttentionOpInterface op);

} // namespace mlir::attn

#endif // SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_TABLEREADS_H
