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

/// The discardable attribute with the schedule that is better for at least
/// kLongQueries queries, where there is one. It serves the exact sigmoid only
/// in bf16, where `sigmoid = auto` takes that for its low bias.
inline constexpr llvm::StringLiteral kLongScheduleAttrName =
    "attn.long_schedule";
inline constexpr int64_t kLongQueries = 8192;

/// What a score region takes in the key loop.
enum class ScoreKind {
  /// There is none.
  None,
  /// Sums, of multiples of the score, of distances between query and key as
  /// numbers, and of what is the same for all: few operations an element.
  Sum,
  /// Registers and time that only the region says.
  Any,
  /// That, and addresses: it reads tables by the query or the key.
  Table
};
ScoreKind getScoreKind(AttentionOpInterface op);

/// A schedule for `shape` under `mask` (null for none), for attention with a
/// score region of that kind, that keeps every override and fits, or an error
/// that says what does not fit or hold.
sigmoid_attn::Result<ScheduleAttr>
chooseSchedule(MLIRContext *context, const KernelShape &shape, MaskAttr mask,
               const ScheduleOverrides &overrides = {},
               ScoreKind score = ScoreKind::None);

/// The schedule for kLongQueries queries and more that is better than what
/// chooseSchedule returns; null if none is known, an override other than the
/// sigmoid's form is there, or that form is `exact`, whatever the bias.
ScheduleAttr chooseLongSchedule(MLIRContext *context, const KernelShape &shape,
                                MaskAttr mask,
                                const ScheduleOverrides &overrides,
                                ScoreKind score);

} // namespace mlir::attn

#endif // SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_SCHEDULECHOICE_H
