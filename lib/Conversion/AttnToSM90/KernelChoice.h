//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// Which kernels serve an attention, and when each is taken.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_KERNELCHOICE_H
#define SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_KERNELCHOICE_H

#include "KernelInterface.h"

#include "sigmoid-attn/Dialect/SM90/IR/SM90.h"

namespace mlir::attn {

/// One kernel, and the least bias and length for which it is taken.
struct KernelChoice {
  sm90::SigmoidForm form;
  std::optional<double> leastBias;
  std::optional<int64_t> leastQueries = {};
  ScheduleAttr schedule = {};
  /// Whether the bias is known to be so low that few steps take quotients
  /// (sm90-speculate-weights): in f16 the fast form serves less than that.
  bool isBiasLow = false;
};

/// The schedule that serves the exact form.
ScheduleAttr getExactSchedule(SigmoidAttentionOp op);

/// The schedule for long queries, or null.
ScheduleAttr getLongSchedule(SigmoidAttentionOp op);

/// The kernels that `op`, which has a schedule, needs; the first that applies
/// is taken.
SmallVector<KernelChoice, 4> chooseKernels(SigmoidAttentionOp op,
                                           const FunctionNames &names);

} // namespace mlir::attn

#endif // SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_KERNELCHOICE_H
