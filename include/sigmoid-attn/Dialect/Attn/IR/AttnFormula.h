//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The parts of the attention formula as IR, for every lowering to reuse: the
/// same scale, score and mask serve forward and backward, CPU and GPU.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNFORMULA_H
#define SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNFORMULA_H

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"

namespace mlir {
class IRMapping;

namespace attn {

/// Size `dim` of a ranked tensor or memref: an attribute if it is static.
OpFoldResult getMixedSize(OpBuilder &builder, Location loc, Value shaped,
                          unsigned dim);

/// All sizes of a ranked tensor or memref.
SmallVector<OpFoldResult> getMixedSizes(OpBuilder &builder, Location loc,
                                        Value shaped);

/// Sizes of output number `output` of `op`, read off its inputs.
SmallVector<OpFoldResult> getMixedOutputSizes(OpBuilder &builder, Location loc,
                                              AttentionOpInterface op,
                                              unsigned output);

/// The default scale, 1/sqrt(`headDim`), in f32. 1 for a head dim of 0.
float getDefaultScale(int64_t headDim);

/// The op's scale as an f32 value: its operand, or 1/sqrt(head dim), which is
/// a constant for a static head dim and else computed at run time.
Value materializeScale(OpBuilder &builder, Location loc,
                       AttentionOpInterface op);

/// The op's bias as an f32 value: its operand, or the constant 0.
Value materializeBias(OpBuilder &builder, Location loc,
                      AttentionOpInterface op);

/// The point of the whole problem that a score belongs to, as index values.
struct ScorePosition {
  Value batch, head, query, key;
};

/// Moves a position inside `op` (counted from its own first element) to the
/// whole problem, by the op's `origin`.
ScorePosition getGlobalPosition(OpBuilder &builder, Location loc,
                                AttentionOpInterface op,
                                const ScorePosition &local);

/// Clones the op's score region at `score` (f32, `scale * q.k + bias`) and the
/// *global* position, and returns the score that it yields; `score` itself if
/// there is no region. Captured values that `mapping` maps are replaced.
Value inlineScore(OpBuilder &builder, Location loc, AttentionOpInterface op,
                  Value score, const ScorePosition &global,
                  IRMapping *mapping = nullptr);

/// A score and its derivative by the region's first argument.
struct ScoreAndDerivative {
  Value score, derivative;
};

/// Like `inlineScore`, and computes the derivative of the yielded score by
/// `score` beside it: the constant 1 if there is no region. The region must be
/// differentiable, which the verifier of the backward op makes sure of.
ScoreAndDerivative inlineScoreAndDerivative(OpBuilder &builder, Location loc,
                                            AttentionOpInterface op,
                                            Value score,
                                            const ScorePosition &global,
                                            IRMapping *mapping = nullptr);

/// The first operation of a score region that depends on the score in a way
/// that `inlineScoreAndDerivative` cannot differentiate; null if there is none.
Operation *findNonDifferentiable(Region &score);

/// Whether the band of `mask` contains the *global* position (`query`, `key`),
/// as an i1 value; null if `mask` is null or unbounded on both sides.
/// `diagonal` is `Origin::diagonal`.
Value materializeVisible(OpBuilder &builder, Location loc, MaskAttr mask,
                         Value query, Value key, Value diagonal);

/// A half-open range of keys; empty if `begin >= end`.
struct KeyRange {
  OpFoldResult begin, end;
};

/// The *global* keys that at least one of the queries
/// [`queryBegin`, `queryEnd`) sees, clamped to [0, `keyCount`]. For at least
/// one query.
KeyRange getKeysVisibleToAny(OpBuilder &builder, Location loc, MaskAttr mask,
                             OpFoldResult queryBegin, OpFoldResult queryEnd,
                             OpFoldResult diagonal, OpFoldResult keyCount);

/// The *global* keys that every one of the queries [`queryBegin`, `queryEnd`)
/// sees, clamped to [0, `keyCount`]. For at least one query.
KeyRange getKeysVisibleToAll(OpBuilder &builder, Location loc, MaskAttr mask,
                             OpFoldResult queryBegin, OpFoldResult queryEnd,
                             OpFoldResult diagonal, OpFoldResult keyCount);

} // namespace attn
} // namespace mlir

#endif // SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNFORMULA_H
