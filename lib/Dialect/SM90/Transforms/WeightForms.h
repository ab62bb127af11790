//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Forms in which exponentials e become weights e / (1 + e).
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_WEIGHTFORMS_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_WEIGHTFORMS_H

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::sm90 {

enum class WeightForm {
  /// e - e^2, which differs from the weight by e^2 of it.
  ShortSeries,
  /// e - e^2 + e^3, which differs from the weight by e^3 of it.
  LongSeries,
  /// sm90.from_odds, of pairs of columns.
  Quotient,
};

/// Weights of a fragment of exponentials.
Value createWeights(ImplicitLocOpBuilder &b, Value powers, WeightForm form);

/// The form that `map` makes weights in of its one input, if it is one.
std::optional<WeightForm> getWeightForm(MapOp map);

/// Weights in a form that the largest exponential of a warp decides about, for
/// errors under the rounding to `element`. Where parts of a step branch each,
/// they share both votes (`sharesVotes`); elsewhere the second one is taken
/// only where it is needed.
Value createDecidedWeights(ImplicitLocOpBuilder &b, Value powers, Type element,
                           bool sharesVotes);

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_WEIGHTFORMS_H
