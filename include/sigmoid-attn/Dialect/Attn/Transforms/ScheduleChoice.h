//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The heuristics that choose a schedule from head dims and mask.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_SCHEDULECHOICE_H
#define SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_SCHEDULECHOICE_H

#include "sigmoid-attn/Dialect/Attn/Transforms/KernelPlan.h"

namespace mlir::attn {

/// Parameters that the caller fixes; what is absent is chosen.
struct ScheduleOverrides {
  std::optional<int64_t> keyTile, queryStages, keyStages, valueStages,
      consumers, producerRegisters, consumerRegisters;
  std::optional<LoopForm> loop;
  std::optional<bool> pingPong;
  std::optional<GridOrder> grid;
  std::optional<SigmoidForm> sigmoid;
};

/// A schedule for `shape` under `mask` (null for none) that keeps every
/// override and fits, or an error that says what does not fit or hold.
sigmoid_attn::Result<ScheduleAttr>
chooseSchedule(MLIRContext *context, const KernelShape &shape, MaskAttr mask,
               const ScheduleOverrides &overrides = {});

} // namespace mlir::attn

#endif // SIGMOID_ATTN_DIALECT_ATTN_TRANSFORMS_SCHEDULECHOICE_H
