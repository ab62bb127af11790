//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The interface that both attention operations share, and its vocabulary.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNINTERFACES_H
#define SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNINTERFACES_H

#include "sigmoid-attn/Dialect/Attn/IR/AttnAttrs.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"

#include <array>
#include <optional>

namespace mlir {
class OpBuilder;

namespace attn {

/// Dimensions of query, key, value and of every output.
enum AttentionDim : unsigned { kBatch = 0, kHead = 1, kLength = 2, kDepth = 3 };

/// Positions of the shaped inputs in `AttentionOpInterface::getInputs`.
enum AttentionInput : unsigned {
  kQuery = 0,
  kKey = 1,
  kValue = 2,
  kOutputGradient = 3
};

/// Dimensions of the iteration space that `TilingInterface` tiles. Heads are
/// query heads, unless an output has key heads: then tiles hold whole groups.
enum AttentionLoop : unsigned {
  kBatchLoop = 0,
  kHeadLoop = 1,
  kQueryLoop = 2,
  kKeyLoop = 3,
  kNumLoops = 4
};

/// Where an op's first element lies in the problem that it is a tile of.
struct Origin {
  OpFoldResult batch, head, query, key;
  /// The whole problem's key length minus its query length: the key that the
  /// whole problem's query 0 is aligned with.
  OpFoldResult diagonal;
};

/// Name and shape of an output. Size `d` of the output is size
/// `sizes[d].second` of input `sizes[d].first`.
struct OutputShape {
  llvm::StringLiteral name;
  std::array<std::pair<AttentionInput, AttentionDim>, 4> sizes;
};

namespace detail {
/// Checks constraints C1 to C12 of docs/Spec.md.
LogicalResult verifyAttention(Operation *op);

/// Attach the interfaces whose headers are not worth including everywhere.
void attachBufferization(MLIRContext &context);
void attachTiling(MLIRContext &context);
} // namespace detail

} // namespace attn
} // namespace mlir

#include "sigmoid-attn/Dialect/Attn/IR/AttnInterfaces.h.inc"

#endif // SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNINTERFACES_H
