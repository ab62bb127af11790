//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Conditions on query and key index that are bands around the diagonal.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_BANDPATTERN_H
#define SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_BANDPATTERN_H

#include "WeightPatterns.h"

namespace mlir::attn::raise {

/// Queries and keys of a condition.
struct ScorePlane {
  AxisList row;
  AxisList column;
};

/// The bounds of a #attn.mask: aligned to the bottom right, absent where
/// unbounded.
struct Band {
  std::optional<int64_t> left;
  std::optional<int64_t> right;
};

/// The band of scores that `visibility` leaves, or nothing if it is not a band
/// that a mask can say. Bounds are read from comparisons of indices, or found
/// by looking at every score where the lengths are static.
std::optional<Band> matchBand(const Visibility &visibility,
                              const IndexSpace &space, const ScorePlane &plane);

/// The axes that a comparison in `condition` sets against `column`: the query
/// index of a band. Empty if there is no such comparison.
AxisList findBandRow(const Expr *condition, const IndexSpace &space,
                     ArrayRef<Axis> column);

/// The band that both leave visible.
Band intersect(const Band &lhs, const Band &rhs);

} // namespace mlir::attn::raise

#endif // SIGMOID_ATTN_LIB_CONVERSION_LINALGTOATTN_BANDPATTERN_H
