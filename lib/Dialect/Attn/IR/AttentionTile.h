//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// A tile of an attention op's iteration space, and the op that computes it.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_ATTN_IR_ATTENTIONTILE_H
#define SIGMOID_ATTN_LIB_DIALECT_ATTN_IR_ATTENTIONTILE_H

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"

#include "mlir/Interfaces/TilingInterface.h"

namespace mlir::attn {

/// Whether the heads of the iteration space are key heads.
bool tilesKeyHeads(AttentionOpInterface op);

/// Offset and size along one dimension.
struct Interval {
  OpFoldResult offset, size;
};

/// The part of every dimension that a tile covers.
struct AttentionTile {
  Interval batch, head, keyHead, query, key, depth, valueDepth;

  /// The four intervals that the tile covers of an input.
  std::array<Interval, 4> getInputSlice(AttentionInput input) const;
  /// The four intervals that the tile covers of an output.
  std::array<Interval, 4> getOutputSlice(const OutputShape &shape) const;
  /// Whether the tile is known to cover all of an output of `op`.
  bool coversOutput(AttentionOpInterface op, const OutputShape &shape) const;
};

/// The tile that covers `offsets` and `sizes` of the iteration space. Emits an
/// error if the heads of the tile do not fit the groups of `op`.
FailureOr<AttentionTile> getAttentionTile(OpBuilder &builder,
                                          AttentionOpInterface op,
                                          ArrayRef<OpFoldResult> offsets,
                                          ArrayRef<OpFoldResult> sizes);

/// Whether `interval` is known to be all of size `dim` of `shaped`.
bool coversDim(const Interval &interval, Value shaped, unsigned dim);

/// Slices the inputs (and buffers) of `op` and computes the tile of its
/// outputs, of which output `n` gets the element type `elementTypes[n]`.
TilingResult computeTile(OpBuilder &builder, AttentionOpInterface op,
                         const AttentionTile &tile,
                         ArrayRef<Type> elementTypes);

/// The offsets and sizes of `slice`.
void splitIntervals(ArrayRef<Interval> slice,
                    SmallVectorImpl<OpFoldResult> &offsets,
                    SmallVectorImpl<OpFoldResult> &sizes);

} // namespace mlir::attn

#endif // SIGMOID_ATTN_LIB_DIALECT_ATTN_IR_ATTENTIONTILE_H
