//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Branches of a loop that depend on its step alone.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_STEPRANGE_H
#define SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_STEPRANGE_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <optional>

namespace mlir::sm90 {

/// Whether a loop counts signed numbers by ones.
bool countsByOnes(scf::ForOp loop);

/// The steps begin <= step < end of a loop. A bound that is null is the loop's
/// own; the others may lie outside the loop's.
struct StepRange {
  Value begin, end;

  /// The range that a comparison of the step, or two joined by `and`, stands
  /// for; nothing if `condition` is something else, or the loop does not count
  /// signed numbers by ones.
  static std::optional<StepRange> read(scf::ForOp loop, Value condition);

  bool operator==(const StepRange &other) const {
    return begin == other.begin && end == other.end;
  }

  /// Writes the bounds of the part of `[lower, upper)` that is in the range, at
  /// the builder's place: lower <= begin <= end <= upper even if that is empty.
  StepRange clamp(ImplicitLocOpBuilder &builder, Value lower,
                  Value upper) const;
};

/// Puts the chosen side of `branch` in its place.
void resolveBranch(scf::IfOp branch, bool isTaken);

} // namespace mlir::sm90

#endif // SIGMOID_ATTN_LIB_DIALECT_SM90_TRANSFORMS_STEPRANGE_H
