//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// A step of a key loop that sends weights to their product before it is known
/// whether their series does.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_SPECULATIVESTEP_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_SPECULATIVESTEP_H

#include "DecidedLoop.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sm90 {

/// Weights in multiples of `scale`: with f = scale * e, f - f^2 is
/// scale * (e - scale * e^2), which differs from scale * e / (1 + e) by at most
/// (1 - scale)^2 / (4 scale) of it, for e up to (1 - scale) * (1 + sqrt(2)) /
/// 2: twice as far as e - e^2 is as near.
struct ScaledSeries {
  double scale;
  /// The largest f.
  double most;

  static ScaledSeries get(Type weight);
};

/// Writes the parts of a step, each at the builder's place. A mapping says what
/// there is for the loop's induction variable and for what it carries.
class SpeculativeStep {
public:
  /// Takes constants out of the loop, and prepares values before it.
  SpeculativeStep(DecidedLoop decided, ImplicitLocOpBuilder &b);

  double getScale() { return series.scale; }
  /// What issueWeights maps and the other parts use.
  ValueRange getCrossing() { return crossing; }
  /// The weights' registers, and the sum of their products, in flight.
  SmallVector<Value> getWeights(IRMapping &mapping);
  Value getSum(IRMapping &mapping) {
    return mapping.lookup(decided.chunks.back().product.getResult());
  }

  /// Whether the bias alone makes weights so small that scores of a standard
  /// normal distribution hardly ever make one too large.
  Value isLikelyRight();
  /// A step up to the products with values, which begin to add to the output in
  /// multiples of the scale. Returns whether all weights are right.
  Value issueWeights(IRMapping &mapping);
  /// The rest of a step: the next scores. Returns what the loop then carries.
  SmallVector<Value> finish(IRMapping &mapping);
  /// `output` without the products with a step's weights.
  Value takeBack(IRMapping &mapping, Value output);
  /// A multiple of a sum.
  Value multiply(Value sum, double factor);

private:
  Value createPowers(Value scores);
  /// Whether the powers of all the warpgroup's threads are small enough.
  Value createVote(IRMapping &mapping);
  void findCrossing();

  DecidedLoop decided;
  ScaledSeries series;
  ImplicitLocOpBuilder &b;
  SmallVector<Value> crossing;
  /// What the exponents' sum adds, with the scale.
  Value scaledBias;
};

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_SPECULATIVESTEP_H
