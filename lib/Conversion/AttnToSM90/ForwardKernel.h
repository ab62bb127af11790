//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// The forward kernel as one sequential program over tiles.
///
//===----------------------------------------------------------------------===//

#ifndef SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_FORWARDKERNEL_H
#define SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_FORWARDKERNEL_H

#include "KernelInterface.h"

#include "sigmoid-attn/Dialect/Attn/Transforms/KernelPlan.h"

namespace mlir::attn {

/// Makes the kernel `name` that computes `op` with the given form of the
/// sigmoid, at the builder's place, and returns its launch. `schedule` fits
/// `shape`; the op's own is not read.
FailureOr<sigmoid_attn::RecipeLaunch>
buildForwardKernel(OpBuilder &builder, SigmoidAttentionOp op,
                   const KernelShape &shape, const FunctionNames &names,
                   StringRef name, ScheduleAttr schedule,
                   sm90::SigmoidForm form);

} // namespace mlir::attn

#endif // SIGMOID_ATTN_LIB_CONVERSION_ATTNTOSM90_FORWARDKERNEL_H
