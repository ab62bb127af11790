//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The weights of attention and the gradients of its scores, as scalar IR.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNWEIGHTS_H
#define SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNWEIGHTS_H

#include "sigmoid-attn/Dialect/Attn/IR/AttnFormula.h"

namespace mlir {
namespace attn {

/// `value`, a float of at most 32 bits, as f32.
Value extendToF32(OpBuilder &builder, Location loc, Value value);

/// `1 / (1 + exp(-score))` in f32. Exact at infinite scores; NaN at NaN.
Value buildSigmoid(OpBuilder &builder, Location loc, Value score);

/// Builds the weights of one op, one score at a time. What does not depend on
/// the score (scale, bias, diagonal) is built once, by the constructor.
class WeightBuilder {
public:
  /// Without `isMasked`, the caller knows that the op's mask hides none of the
  /// scores.
  WeightBuilder(OpBuilder &builder, Location loc, AttentionOpInterface op,
                bool isMasked = true);

  /// The weight `P` of the score with dot product `dot`, a f32 value, at the
  /// *global* position: 0 where masked, whatever `dot` is.
  Value buildWeight(OpBuilder &builder, Value dot, const ScorePosition &global);

  /// The weight `P`, and the gradient of `dot`: `scale * dS`. `weightGradient`
  /// is `dP`. Both are 0 where masked. For the
  /// backward operation, whose verifier checks that the score region can be
  /// differentiated.
  std::pair<Value, Value> buildWeightAndGradient(OpBuilder &builder, Value dot,
                                                 Value weightGradient,
                                                 const ScorePosition &global);

private:
  Value buildScore(OpBuilder &builder, Value dot);
  /// Whether `global` is inside the band; null where all of the scores are.
  Value buildVisible(OpBuilder &builder, const ScorePosition &global);
  Value zeroIfMasked(OpBuilder &builder, Value value, Value visible);

  Location loc;
  AttentionOpInterface op;
  Value scale, diagonal;
};

} // namespace attn
} // namespace mlir

#endif // SIGMOID_ATTN_DIALECT_ATTN_IR_ATTNWEIGHTS_H
