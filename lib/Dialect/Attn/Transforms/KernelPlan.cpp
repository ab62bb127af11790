//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The planner: shared memory, registers and threads of a schedule.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/KernelPlan.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::attn;
using sigmoid_attn::Result;
using sigmoid_attn::Status;

int64_t KernelShape::getPaddedHeadDim() const {
  return llvm::alignTo(headDim, target::kBoxColumns);
}

int64_t KernelShape::getPaddedValueHeadDim() const {
  return llvm::alignTo(valueHeadDim, target::kBoxColumns);
}

int64_t attn::getFragmentRegisters(int64_t keyTile, int64_t valueHeadDim) {
  // Of 64 rows a thread holds half a register of f32 a column, a quarter of a
  // 16-bit type.
  int64_t scores = keyTile / 2, weights = keyTile / 4;
  return scores + weights + llvm::alignTo(valueHeadDim, 16) / 2;
}

int64_t attn::getFragmentRegisterLimit(int64_t consumerRegisters) {
  return consumerRegisters - (consumerRegisters >= 232 ? 28 : 32);
}

int64_t attn::getLaunchRegisters(int64_t threads) {
  // The largest count is 255 in name; the allocation is of whole steps.
  int64_t share = target::kRegisterFile / threads;
  return std::min<int64_t>(llvm::alignDown(share, target::kRegisterStep),
                           target::kMaxThreadRegisters + 1);
}

/// Fills the shared-memory part of the plan.
static Status planShared(ScheduleAttr schedule, const KernelShape &shape,
                         KernelPlan &plan) {
  auto getTileBytes = [](int64_t rows, int64_t columns) {
    return llvm::alignTo(rows * columns * target::kElementBytes,
                         target::kTileAlignment);
  };
  int64_t padded = shape.getPaddedHeadDim();
  int64_t valuePadded = shape.getPaddedValueHeadDim();
  int64_t columns = schedule.getOutputColumns();
  if (columns > valuePadded)
    return Status::compileError(
        llvm::formatv("expected output_columns to be at most {0} for a value "
                      "head dim of {1}, got {2}",
                      valuePadded, shape.valueHeadDim, columns)
            .str());
  if (columns != 0)
    plan.outputColumns = columns;
  else if (valuePadded > padded)
    plan.outputColumns = valuePadded;
  plan.queryBytes = getTileBytes(schedule.getQueryTile(), padded);
  plan.keyBytes = getTileBytes(schedule.getKeyTile(), padded);
  plan.valueBytes = getTileBytes(schedule.getKeyTile(), valuePadded);
  plan.outputBytes = getTileBytes(schedule.getQueryTile(), plan.outputColumns);
  int64_t stages = schedule.getQueryStages() + schedule.getKeyStages() +
                   schedule.getValueStages();
  // A full and an empty barrier a stage; a dynamic grid passes tile numbers
  // through a ring of two more.
  int64_t messages = schedule.getGrid() == GridOrder::Dynamic ? 2 : 0;
  plan.barrierBytes = llvm::alignTo((2 * (stages + messages) + messages) *
                                        target::kBarrierBytes,
                                    target::kTileAlignment);
  plan.sharedBytes = schedule.getQueryStages() * plan.queryBytes +
                     schedule.getKeyStages() * plan.keyBytes +
                     schedule.getValueStages() * plan.valueBytes +
                     plan.outputBytes + plan.barrierBytes;
  if (plan.sharedBytes <= target::kSharedBytes)
    return Status::success();
  return Status::compileError(
      llvm::formatv("expected at most {0} bytes of shared memory, got {1}: "
                    "{2} x {3} (queries) + {4} x {5} (keys) + {6} x {7} "
                    "(values) + {8} (output) + {9} (barriers)",
                    target::kSharedBytes, plan.sharedBytes,
                    schedule.getQueryStages(), plan.queryBytes,
                    schedule.getKeyStages(), plan.keyBytes,
                    schedule.getValueStages(), plan.valueBytes,
                    plan.outputBytes, plan.barrierBytes)
          .str());
}

/// Fills the register part of the plan.
static Status planRegisters(ScheduleAttr schedule, const KernelShape &shape,
                            KernelPlan &plan) {
  int64_t consumers = schedule.getConsumers();
  plan.threads = (1 + consumers) * target::kWarpgroupThreads;
  plan.launchRegisters = getLaunchRegisters(plan.threads);
  int64_t available = plan.launchRegisters * (1 + consumers);
  int64_t wanted = schedule.getProducerRegisters() +
                   consumers * schedule.getConsumerRegisters();
  // setmaxnreg waits for registers that nobody will ever give back.
  if (wanted > available)
    return Status::compileError(
        llvm::formatv("expected at most {0} registers for a thread of every "
                      "warpgroup together, which is {1} x {2} at launch, got "
                      "{3}: {4} (producer) + {5} x {6} (consumers)",
                      available, 1 + consumers, plan.launchRegisters, wanted,
                      schedule.getProducerRegisters(), consumers,
                      schedule.getConsumerRegisters())
            .str());
  int64_t keyTile = schedule.getKeyTile();
  int64_t fragments = getFragmentRegisters(keyTile, shape.valueHeadDim);
  int64_t limit = getFragmentRegisterLimit(schedule.getConsumerRegisters());
  if (fragments > limit)
    return Status::compileError(
        llvm::formatv(
            "expected at most {0} of {1} consumer registers for fragments, got "
            "{2}: {3} (scores) + {4} (weights) + {5} (output)",
            limit, schedule.getConsumerRegisters(), fragments, keyTile / 2,
            keyTile / 4, fragments - keyTile / 2 - keyTile / 4)
            .str());
  return Status::success();
}

Result<KernelPlan> attn::planKernel(ScheduleAttr schedule,
                                    const KernelShape &shape) {
  KernelPlan plan;
  if (Status status = planShared(schedule, shape, plan); !status.ok())
    return status;
  if (Status status = planRegisters(schedule, shape, plan); !status.ok())
    return status;
  return plan;
}

/// The size of a head, which a kernel is compiled for.
static Result<int64_t> getHeadDim(StringRef name, Value operand) {
  int64_t size = cast<ShapedType>(operand.getType()).getDimSize(3);
  if (ShapedType::isDynamic(size))
    return Status::compileError(
        llvm::formatv("expected a static {0} head dim on sm_90a, got ?", name)
            .str());
  if (size <= 0 || size % 8 || size > target::kMaxHeadDim)
    return Status::compileError(
        llvm::formatv("expected a {0} head dim that is a multiple of 8 up to "
                      "{1} on sm_90a, got {2}",
                      name, target::kMaxHeadDim, size)
            .str());
  return size;
}

Result<KernelShape> attn::getKernelShape(SigmoidAttentionOp op) {
  for (auto [name, operand] :
       {std::pair<StringRef, Value>("query", op.getQuery()),
        {"key", op.getKey()},
        {"value", op.getValue()}}) {
    Type type = getElementTypeOrSelf(operand.getType());
    if (type.isBF16() || type.isF16())
      continue;
    std::string spelled;
    llvm::raw_string_ostream(spelled) << type;
    return Status::compileError(
        llvm::formatv("expected {0} elements of bf16 or f16 on sm_90a, got {1} "
                      "(the CPU pipeline takes f32)",
                      name, spelled)
            .str());
  }
  Result<int64_t> headDim = getHeadDim("query", op.getQuery());
  if (!headDim.ok())
    return headDim.status();
  Result<int64_t> valueHeadDim = getHeadDim("value", op.getValue());
  if (!valueHeadDim.ok())
    return valueHeadDim.status();
  return KernelShape{*headDim, *valueHeadDim};
}
