//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a schedule must satisfy whatever the shape of the attention it serves.
// What depends on the shape is the planner's (SM90/Schedule/KernelPlan.h).
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/IR/Attn.h"

using namespace mlir;
using namespace mlir::attn;

#include "sigmoid-attn/Dialect/Attn/IR/AttnEnums.cpp.inc"

namespace {
/// A named schedule parameter and the numbers it may take: `low`, `low + step`,
/// up to `high`.
struct FieldRange {
  StringRef name;
  int64_t value, low, high, step;
};
} // namespace

static LogicalResult verifyRange(function_ref<InFlightDiagnostic()> emitError,
                                 const FieldRange &range) {
  if (range.value >= range.low && range.value <= range.high &&
      range.value % range.step == 0)
    return success();
  InFlightDiagnostic diag = emitError() << "expected " << range.name;
  if (range.step != 1)
    diag << " to be a multiple of " << range.step;
  else
    diag << " to be";
  return diag << " from " << range.low << " to " << range.high << ", got "
              << range.value;
}

LogicalResult
ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                     int64_t queryTile, int64_t keyTile, int64_t queryStages,
                     int64_t keyStages, int64_t valueStages, int64_t consumers,
                     int64_t producerRegisters, int64_t consumerRegisters,
                     LoopForm loop, bool pingPong, int64_t cluster,
                     int64_t outputColumns, GridOrder, SigmoidForm) {
  for (const FieldRange &range :
       {FieldRange{"consumers", consumers, 1, 4, 1},
        FieldRange{"key_tile", keyTile, 16, 256, 16},
        FieldRange{"query_stages", queryStages, 1, 8, 1},
        FieldRange{"key_stages", keyStages, 1, 16, 1},
        FieldRange{"value_stages", valueStages, 1, 16, 1},
        FieldRange{"producer_registers", producerRegisters, 24, 240, 8},
        FieldRange{"consumer_registers", consumerRegisters, 24, 240, 8},
        FieldRange{"cluster", cluster, 1, 2, 1},
        FieldRange{"output_columns", outputColumns, 0, 256, 64}})
    if (failed(verifyRange(emitError, range)))
      return failure();
  if (queryTile != 64 * consumers)
    return emitError() << "expected query_tile to be 64 for each of "
                       << consumers << " consumers, got " << queryTile;
  if (pingPong && consumers < 2)
    return emitError() << "expected 2 or more consumers to take turns, got "
                       << consumers;
  return success();
}
