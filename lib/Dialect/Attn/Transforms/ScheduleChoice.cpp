//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Heuristics by head dim, mask and form of the sigmoid. docs/performance.md has
// the measurements that the families rest on.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/ScheduleChoice.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::attn;
using sigmoid_attn::Result;
using sigmoid_attn::Status;

namespace {
/// A schedule that is still being fitted.
struct Draft {
  int64_t keyTile, queryStages, keyStages, valueStages, consumers;
  LoopForm loop;
  bool pingPong;
  GridOrder grid = GridOrder::Static;
  SigmoidForm sigmoid = SigmoidForm::Auto;
  int64_t producerRegisters = 0, consumerRegisters = 0;
  int64_t cluster = 1;
  int64_t outputColumns = 0;
};
} // namespace

static int64_t getWidest(const KernelShape &shape) {
  return std::max(shape.getPaddedHeadDim(), shape.getPaddedValueHeadDim());
}

static bool hidesKeys(MaskAttr mask) { return mask && !mask.isUnbounded(); }

/// Whether an operation on what differs from query to query or key to key is
/// part of a sum.
static bool isOfSum(Operation &op, function_ref<bool(Value)> varies) {
  if (isa<arith::MulFOp, arith::MulIOp, math::FmaOp>(op))
    return !varies(op.getOperand(0)) || !varies(op.getOperand(1));
  return isa<arith::AddFOp, arith::SubFOp, arith::NegFOp, arith::SIToFPOp,
             arith::AddIOp, arith::SubIOp, arith::IndexCastOp, arith::ExtSIOp,
             arith::TruncIOp, math::AbsIOp, YieldOp>(op);
}

ScoreKind attn::getScoreKind(AttentionOpInterface op) {
  if (!op.hasScore())
    return ScoreKind::None;
  Block &block = op.getScore().front();
  // All but batch and head.
  Value query = block.getArgument(3), key = block.getArgument(4);
  llvm::DenseSet<Value> varying = {block.getArgument(0), query, key};
  auto varies = [&](Value value) { return varying.contains(value); };
  // Several times what ALiBi takes.
  constexpr int64_t kMostOperations = 24;
  int64_t numOperations = 0;
  // A distance takes fewer registers than the position of one of both.
  bool isSum = query.use_empty() == key.use_empty();
  bool readsTable = false;
  for (Operation &nested : block) {
    isSum &= nested.getNumRegions() == 0;
    if (nested.getNumRegions() == 0 &&
        llvm::none_of(nested.getOperands(), varies))
      continue;
    isSum &= isOfSum(nested, varies) && ++numOperations <= kMostOperations;
    readsTable |=
        isa<tensor::ExtractOp>(nested) || !isMemoryEffectFree(&nested);
    varying.insert_range(nested.getResults());
  }
  if (readsTable)
    return ScoreKind::Table;
  return isSum ? ScoreKind::Sum : ScoreKind::Any;
}

/// The best known schedule of each size of head.
static Draft getFamily(const KernelShape &shape, MaskAttr mask,
                       ScoreKind score) {
  int64_t widest = getWidest(shape);
  bool isMasked = hidesKeys(mask);
  Draft draft;
  // Output that leaves through memory of its own does not hold up the next
  // tile. At head dim 128 a fifth stage of keys and values is worth as much,
  // but under a mask, where tiles are short.
  if (widest <= 64) {
    // What a score region computes may take registers beside the fragments:
    // give each warpgroup of small heads more of them.
    int64_t consumers =
        score == ScoreKind::Any || score == ScoreKind::Table ? 3 : 4;
    draft = {64, 2, 6, 6, consumers, LoopForm::Chunked, false};
    draft.outputColumns = 64;
  } else if (widest <= 128) {
    draft = {64, 2, 5, 5, 2, LoopForm::Pipelined, false};
    if (isMasked) {
      draft.keyStages = draft.valueStages = 4;
      draft.outputColumns = 128;
    }
  } else {
    draft = {64, 1, 2, 3, 2, LoopForm::Pipelined, false};
    draft.outputColumns = 64;
    // What scores depend on takes registers of weights that wait. A window's
    // loops are two, each with fewer of its own, and sums take few.
    bool isWindow = isMasked && mask.getLeft();
    bool isLarge =
        widest > 192 && !isWindow &&
        (score == ScoreKind::Any || (score == ScoreKind::Sum && isMasked));
    if (isLarge || score == ScoreKind::Table)
      draft.loop = LoopForm::Chunked;
    if (score == ScoreKind::Table && widest > 192) {
      draft.keyTile = 32;
      draft.keyStages = 4;
      draft.valueStages = 6;
    }
  }
  // A counter evens out masked tiles, which differ in length. Measured, it
  // helps with others too, except where there are four warpgroups.
  if (isMasked || widest > 64)
    draft.grid = GridOrder::Dynamic;
  return draft;
}

/// getExactFamily for head dims from 72 to 128. The key loop carries unfinished
/// weights, under which another warpgroup's products have to run: turns see to
/// that, or three warpgroups.
static Draft getPipelinedExactFamily(MaskAttr mask, ScoreKind score) {
  bool isMasked = hidesKeys(mask);
  bool isWindow = isMasked && mask.getLeft();
  // What a score region and a window's two bounds compute takes registers, and
  // so does a bound that is not 0.
  bool isShifted = isMasked && !isWindow && !mask.isCausal();
  if ((score != ScoreKind::None && isWindow) || isShifted ||
      score == ScoreKind::Table) {
    Draft draft = {64, 2, 3, 3, 2, LoopForm::Pipelined, false};
    draft.outputColumns = 128;
    return draft;
  }
  if (score == ScoreKind::Any)
    return {80, 2, 3, 3, 2, LoopForm::Pipelined, true};
  if (!isMasked) {
    int64_t keys = score == ScoreKind::Sum ? 96 : 128;
    Draft draft = {keys, 2, 2, 2, 2, LoopForm::Pipelined, true};
    draft.outputColumns = score == ScoreKind::Sum ? 0 : 64;
    return draft;
  }
  Draft draft = {64, 2, 3, 3, 3, LoopForm::Pipelined, false};
  if (isWindow) {
    draft.outputColumns = 64;
  } else if (score == ScoreKind::None) {
    draft.keyStages = 2;
    draft.outputColumns = 128;
  }
  return draft;
}

/// The schedule that is better for the exact sigmoid, or none. Beyond 128
/// columns of output quotients hide under the products as a tanh does.
static std::optional<Draft> getExactFamily(const KernelShape &shape,
                                           MaskAttr mask, ScoreKind score) {
  int64_t widest = getWidest(shape);
  bool isMasked = hidesKeys(mask);
  // Of small heads only the largest gain by a counter, without a mask: with
  // one they have it in both forms.
  bool isSmall = std::max(shape.headDim, shape.valueHeadDim) < 64;
  if (isSmall || (widest <= 64 && isMasked) || widest > 128)
    return std::nullopt;
  Draft draft = widest <= 64 ? getFamily(shape, mask, score)
                             : getPipelinedExactFamily(mask, score);
  draft.grid = GridOrder::Dynamic;
  return draft;
}

/// The split of the register file among a producer and `consumers` consumers.
/// The producer needs more than 24 for ranges of keys under a mask, and for
/// what the blocks of a cluster tell each other.
static void splitRegisters(Draft &draft, bool isMasked) {
  bool isLarge = isMasked || draft.cluster > 1;
  switch (draft.consumers) {
  case 3:
    draft.producerRegisters = 32;
    draft.consumerRegisters = 160;
    return;
  case 4:
    draft.producerRegisters = 32;
    draft.consumerRegisters = 112;
    return;
  default:
    draft.producerRegisters = isLarge ? 40 : 24;
    draft.consumerRegisters = isLarge ? 232 : 240;
  }
}

static void apply(Draft &draft, const KernelShape &shape,
                  const ScheduleOverrides &overrides, bool isMasked) {
  draft.consumers = overrides.consumers.value_or(draft.consumers);
  draft.cluster = overrides.cluster.value_or(draft.cluster);
  // Addresses in a cluster take registers of weights that would wait.
  if (draft.cluster > 1 && getWidest(shape) > 192)
    draft.loop = LoopForm::Chunked;
  splitRegisters(draft, isMasked);
  draft.keyTile = overrides.keyTile.value_or(draft.keyTile);
  draft.queryStages = overrides.queryStages.value_or(draft.queryStages);
  draft.keyStages = overrides.keyStages.value_or(draft.keyStages);
  draft.valueStages = overrides.valueStages.value_or(draft.valueStages);
  draft.producerRegisters =
      overrides.producerRegisters.value_or(draft.producerRegisters);
  draft.consumerRegisters =
      overrides.consumerRegisters.value_or(draft.consumerRegisters);
  draft.loop = overrides.loop.value_or(draft.loop);
  // The chosen turns are the pipelined loop's; asking for the other one drops
  // them.
  if (overrides.loop == LoopForm::Chunked || draft.consumers < 2)
    draft.pingPong = false;
  draft.pingPong = overrides.pingPong.value_or(draft.pingPong);
  draft.outputColumns = overrides.outputColumns.value_or(
      std::min(draft.outputColumns, shape.getPaddedValueHeadDim()));
  draft.grid = overrides.grid.value_or(draft.grid);
  draft.sigmoid = overrides.sigmoid.value_or(draft.sigmoid);
}

static Result<ScheduleAttr> build(MLIRContext *context, const Draft &draft) {
  std::string message;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  auto attr = ScheduleAttr::getChecked(
      [&] { return emitError(UnknownLoc::get(context)); }, context,
      target::kWgmmaRows * draft.consumers, draft.keyTile, draft.queryStages,
      draft.keyStages, draft.valueStages, draft.consumers,
      draft.producerRegisters, draft.consumerRegisters, draft.loop,
      draft.pingPong, draft.cluster, draft.outputColumns, draft.grid,
      draft.sigmoid);
  if (!attr)
    return Status::invalidArgument(message);
  return attr;
}

/// Makes the draft smaller in one free parameter, the least costly first.
/// Returns false when nothing is left to give up.
static bool shrink(Draft &draft, const ScheduleOverrides &overrides) {
  auto lower = [](int64_t &value, std::optional<int64_t> fixed, int64_t least,
                  int64_t step) {
    if (fixed || value - step < least)
      return false;
    value -= step;
    return true;
  };
  bool more = lower(draft.keyStages, overrides.keyStages, 2, 1);
  more |= lower(draft.valueStages, overrides.valueStages, 2, 1);
  return more ||
         lower(draft.outputColumns, overrides.outputColumns, 0,
               target::kBoxColumns) ||
         lower(draft.queryStages, overrides.queryStages, 1, 1) ||
         lower(draft.keyTile, overrides.keyTile, 16, 16) ||
         lower(draft.keyStages, overrides.keyStages, 1, 1) ||
         lower(draft.valueStages, overrides.valueStages, 1, 1);
}

/// The schedule of a family that fits `shape`, or why none does.
static Result<ScheduleAttr> fit(MLIRContext *context, Draft draft,
                                const KernelShape &shape, bool isMasked,
                                const ScheduleOverrides &overrides) {
  apply(draft, shape, overrides, isMasked);
  // Registers do not depend on stages: settle the key tile first.
  int64_t limit = getFragmentRegisterLimit(draft.consumerRegisters);
  while (!overrides.keyTile && draft.keyTile > target::kWgmmaKeys &&
         getFragmentRegisters(draft.keyTile, shape.valueHeadDim) > limit)
    draft.keyTile -= target::kWgmmaKeys;
  std::optional<Status> firstFailure;
  do {
    Result<ScheduleAttr> schedule = build(context, draft);
    if (!schedule.ok())
      return schedule.status();
    Result<KernelPlan> plan = planKernel(*schedule, shape);
    if (plan.ok())
      return *schedule;
    if (!firstFailure)
      firstFailure = plan.status();
  } while (shrink(draft, overrides));
  return *firstFailure;
}

Result<ScheduleAttr> attn::chooseSchedule(MLIRContext *context,
                                          const KernelShape &shape,
                                          MaskAttr mask,
                                          const ScheduleOverrides &overrides,
                                          ScoreKind score) {
  bool isMasked = hidesKeys(mask);
  // The exact sigmoid's own schedule leaves no registers for clusters.
  bool isAlone = overrides.cluster.value_or(1) == 1;
  if (overrides.sigmoid == SigmoidForm::Exact && isAlone)
    if (std::optional<Draft> draft = getExactFamily(shape, mask, score)) {
      Result<ScheduleAttr> schedule =
          fit(context, *draft, shape, isMasked, overrides);
      if (schedule.ok())
        return schedule;
    }
  return fit(context, getFamily(shape, mask, score), shape, isMasked,
             overrides);
}

ScheduleAttr attn::chooseLongSchedule(MLIRContext *context,
                                      const KernelShape &shape, MaskAttr mask,
                                      const ScheduleOverrides &overrides,
                                      ScoreKind score) {
  // A window's tiles see few keys, whatever the length. Under a causal mask the
  // gain begins at 16384 queries, is 2 points there, and costs another kernel's
  // compilation.
  bool isMasked = hidesKeys(mask);
  if (!overrides.isFree() || overrides.sigmoid == SigmoidForm::Exact ||
      score != ScoreKind::None || getWidest(shape) > 64 || isMasked)
    return nullptr;
  // Larger steps and turns use the unit for exponentials better than a fourth
  // warpgroup, once few of the 192 rows of a tile lie past the end.
  Draft draft = {128, 2, 4, 4, 3, LoopForm::Chunked, true};
  draft.outputColumns = 64;
  ScheduleOverrides form;
  form.sigmoid = overrides.sigmoid;
  Result<ScheduleAttr> schedule =
      fit(context, draft, shape, /*isMasked=*/false, form);
  return schedule.ok() ? *schedule : nullptr;
}
