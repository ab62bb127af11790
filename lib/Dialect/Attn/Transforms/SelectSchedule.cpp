//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Puts a schedule on each attention, and checks those that are there.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h"
#include "sigmoid-attn/Dialect/Attn/Transforms/ScheduleChoice.h"

namespace mlir::attn {
#define GEN_PASS_DEF_SELECTSCHEDULEPASS
#include "sigmoid-attn/Dialect/Attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;
using sigmoid_attn::Result;

/// `value` if the option was given.
static std::optional<int64_t> getGiven(int64_t value) {
  return value ? std::optional<int64_t>(value) : std::nullopt;
}

namespace {
struct SelectSchedulePass
    : public attn::impl::SelectSchedulePassBase<SelectSchedulePass> {
  using SelectSchedulePassBase::SelectSchedulePassBase;

  void runOnOperation() override {
    ScheduleOverrides overrides;
    if (failed(readOptions(overrides)))
      return signalPassFailure();
    WalkResult result = getOperation()->walk([&](SigmoidAttentionOp op) {
      return failed(schedule(op, overrides)) ? WalkResult::interrupt()
                                             : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  LogicalResult readOptions(ScheduleOverrides &overrides);
  LogicalResult schedule(SigmoidAttentionOp op,
                         const ScheduleOverrides &overrides);

  /// Reads the keyword of an enum option; nothing if it is empty.
  template <typename Enum>
  LogicalResult readKeyword(StringRef option, StringRef keyword,
                            std::optional<Enum> (*symbolize)(StringRef),
                            StringRef expected, std::optional<Enum> &value) {
    if (keyword.empty())
      return success();
    value = symbolize(keyword);
    if (value)
      return success();
    return emitError(getOperation()->getLoc())
           << "expected option " << option << " to be " << expected << ", got '"
           << keyword << "'";
  }
};
} // namespace

static std::optional<bool> symbolizeBool(StringRef keyword) {
  if (keyword == "true")
    return true;
  if (keyword == "false")
    return false;
  return std::nullopt;
}

LogicalResult SelectSchedulePass::readOptions(ScheduleOverrides &overrides) {
  overrides.keyTile = getGiven(keyTile);
  overrides.queryStages = getGiven(queryStages);
  overrides.keyStages = getGiven(keyStages);
  overrides.valueStages = getGiven(valueStages);
  overrides.consumers = getGiven(consumers);
  overrides.producerRegisters = getGiven(producerRegisters);
  overrides.consumerRegisters = getGiven(consumerRegisters);
  overrides.cluster = getGiven(cluster);
  // Here 0 is a choice.
  if (outputColumns != -1)
    overrides.outputColumns = outputColumns;
  if (failed(readKeyword<LoopForm>("loop", loop, symbolizeLoopForm,
                                   "pipelined or chunked", overrides.loop)) ||
      failed(readKeyword<bool>("ping-pong", pingPong, symbolizeBool,
                               "true or false", overrides.pingPong)) ||
      failed(readKeyword<GridOrder>("grid", grid, symbolizeGridOrder,
                                    "static or dynamic", overrides.grid)))
    return failure();
  return readKeyword<SigmoidForm>("sigmoid", sigmoid, symbolizeSigmoidForm,
                                  "fast, exact or auto", overrides.sigmoid);
}

/// `schedule` with the exact sigmoid.
static ScheduleAttr getExact(ScheduleAttr schedule) {
  return ScheduleAttr::get(
      schedule.getContext(), schedule.getQueryTile(), schedule.getKeyTile(),
      schedule.getQueryStages(), schedule.getKeyStages(),
      schedule.getValueStages(), schedule.getConsumers(),
      schedule.getProducerRegisters(), schedule.getConsumerRegisters(),
      schedule.getLoop(), schedule.getPingPong(), schedule.getCluster(),
      schedule.getOutputColumns(), schedule.getGrid(), SigmoidForm::Exact);
}

LogicalResult SelectSchedulePass::schedule(SigmoidAttentionOp op,
                                           const ScheduleOverrides &overrides) {
  Result<KernelShape> shape = getKernelShape(op);
  if (!shape.ok())
    return op.emitOpError(shape.message());
  if (ScheduleAttr schedule = op.getScheduleAttr()) {
    Result<KernelPlan> plan = planKernel(schedule, *shape);
    return plan.ok() ? success() : op.emitOpError(plan.message());
  }
  ScoreKind score = getScoreKind(op);
  auto choose = [&](const ScheduleOverrides &given) {
    return chooseSchedule(&getContext(), *shape, op.getMaskAttr(), given,
                          score);
  };
  Result<ScheduleAttr> schedule = choose(overrides);
  if (!schedule.ok())
    return op.emitOpError(schedule.message());
  op.setScheduleAttr(*schedule);
  int64_t queries = cast<ShapedType>(op.getQuery().getType()).getDimSize(2);
  if (ShapedType::isDynamic(queries) || queries >= kLongQueries)
    if (ScheduleAttr longer = chooseLongSchedule(
            &getContext(), *shape, op.getMaskAttr(), overrides, score))
      op->setDiscardableAttr(kLongScheduleAttrName, longer);
  if (schedule->getSigmoid() != SigmoidForm::Auto)
    return success();
  // The exact sigmoid may be taken too; it may have a better schedule.
  ScheduleOverrides exact = overrides;
  exact.sigmoid = SigmoidForm::Exact;
  Result<ScheduleAttr> ofExact = choose(exact);
  if (!ofExact.ok())
    return op.emitOpError(ofExact.message());
  if (*ofExact != getExact(*schedule))
    op->setDiscardableAttr(kExactScheduleAttrName, *ofExact);
  return success();
}
