//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The heuristics that choose a schedule from head dims, mask and sigmoid.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_SCHEDULECHOICE_H
#define SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_SCHEDULECHOICE_H

#include "sigmoid-attn/Dialect/Attn/Transforms/KernelPlan.h"

namespace mlir::attn {

/// Parameters that the caller fixes; what is absent is chosen.
struct ScheduleOverrides {
  std::optional<int64_t> keyTile, queryStages, keyStages, valueStages,
      consumers, producerRegisters, consumerRegisters, cluster, outputColumns;
  std::optional<LoopForm> loop;
  std::optional<bool> pingPong;
  std::optional<GridOrder> grid;
  std::optional<SigmoidForm> sigmoid;

  /// Whether nothing is fixed but perhaps the sigmoid's form.
  bool isFree() const {
    return !keyTile && !queryStages && !keyStages && !valueStages &&
           !consumers && !producerRegisters && !consumerRegisters && !cluster &&
           !outputColumns && !loop && !pingPong && !grid;
  }
};

/// The discardable attribute with the schedule of an attention's exact sigmoid,
/// where `sigmoid = auto` may take that form and another schedule is better.
inline constexpr llvm::StringLiteral kExactScheduleAttrName =
    "attn.exact_schedule";

/// The discardable attribute with the schedule that is better for `fast`
/// sigmoids of at least kLongQueries queries, where there is one.
inline constexpr llvm::StringLiteral kLongScheduleAttrName =
    "attn.long_schedule";
inline constexpr int64_t kLongQueries = 8192;

/// A schedule for `shape` under `mask` (null for none), for attention with or
/// without a score region, that keeps every override and fits, or an error that
/// says what does not fit or hold.
sigmoid_attn::Result<ScheduleAttr>
chooseSchedule(MLIRContext *context, const KernelShape &shape, MaskAttr mask,
               const ScheduleOverrides &overrides = {}, bool hasScore = false);

/// The schedule for kLongQueries queries and more that is better than what
/// chooseSchedule returns for the fast sigmoid; null if none is known, or an
/// override other than the sigmoid's form is there.
ScheduleAttr chooseLongSchedule(MLIRContext *context, const KernelShape &shape,
                                MaskAttr mask,
                                const ScheduleOverrides &overrides,
                                bool hasScore);

} // namespace mlir::attn

#endif // SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_SCHEDULECHOICE_H
