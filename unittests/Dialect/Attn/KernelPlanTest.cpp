//===----------------------------------------------------------------------===//
//
// Part of the sigmoid-attn project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The planner's arithmetic, and that a schedule is found for every head dim.
//
//===----------------------------------------------------------------------===//

#include "sigmoid-attn/Dialect/Attn/Transforms/ScheduleChoice.h"

#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::attn;

namespace {

class KernelPlanTest : public ::testing::Test {
protected:
  KernelPlanTest() { context.loadDialect<AttnDialect>(); }
  static ScheduleOverrides getExact() {
    ScheduleOverrides overrides;
    overrides.sigmoid = SigmoidForm::Exact;
    return overrides;
  }
  MLIRContext context;
};

// The clean compiles of a sweep over schedules: the largest key tiles for each
// head dim and number of consumers.
TEST_F(KernelPlanTest, FragmentRegistersMatchTheCompileSweep) {
  EXPECT_LE(getFragmentRegisters(112, 256), getFragmentRegisterLimit(240));
  EXPECT_GT(getFragmentRegisters(128, 256), getFragmentRegisterLimit(240));
  EXPECT_LE(getFragmentRegisters(80, 128), getFragmentRegisterLimit(160));
  EXPECT_GT(getFragmentRegisters(96, 128), getFragmentRegisterLimit(160));
  EXPECT_LE(getFragmentRegisters(64, 64), getFragmentRegisterLimit(112));
  EXPECT_GT(getFragmentRegisters(80, 64), getFragmentRegisterLimit(112));
}

TEST_F(KernelPlanTest, LaunchRegistersShareTheFile) {
  EXPECT_EQ(getLaunchRegisters(256), 256);
  EXPECT_EQ(getLaunchRegisters(384), 168);
  EXPECT_EQ(getLaunchRegisters(512), 128);
  EXPECT_EQ(getLaunchRegisters(640), 96);
}

TEST_F(KernelPlanTest, HeadDimsArePaddedToWholeBoxes) {
  KernelShape shape{72, 8};
  EXPECT_EQ(shape.getPaddedHeadDim(), 128);
  EXPECT_EQ(shape.getPaddedValueHeadDim(), 64);
}

TEST_F(KernelPlanTest, OutputHasItsOwnTileWhereTheQueryIsNarrower) {
  auto schedule = chooseSchedule(&context, {64, 128}, {});
  ASSERT_TRUE(schedule.ok()) << schedule.message();
  auto plan = planKernel(*schedule, {64, 128});
  ASSERT_TRUE(plan.ok()) << plan.message();
  EXPECT_EQ(plan->outputColumns, 128);
  EXPECT_EQ(plan->outputBytes, schedule->getQueryTile() * 128 * 2);
  EXPECT_EQ(planKernel(*schedule, {128, 64})->outputColumns, 0);
}

TEST_F(KernelPlanTest, OutputLeavesThroughAsManyColumnsAsTheScheduleSays) {
  ScheduleOverrides overrides;
  overrides.outputColumns = 64;
  overrides.keyStages = overrides.valueStages = 4;
  auto schedule = chooseSchedule(&context, {128, 128}, {}, overrides);
  ASSERT_TRUE(schedule.ok()) << schedule.message();
  auto plan = planKernel(*schedule, {128, 128});
  ASSERT_TRUE(plan.ok()) << plan.message();
  EXPECT_EQ(plan->outputColumns, 64);
  EXPECT_EQ(plan->outputBytes, schedule->getQueryTile() * 64 * 2);
}

TEST_F(KernelPlanTest, OutputHasNoMoreColumnsThanValues) {
  ScheduleOverrides overrides;
  overrides.outputColumns = 128;
  auto schedule = chooseSchedule(&context, {128, 40}, {}, overrides);
  ASSERT_FALSE(schedule.ok());
  EXPECT_EQ(schedule.message(),
            "expected output_columns to be at most 64 for a value head dim of "
            "40, got 128");
  // What is chosen is narrowed.
  auto chosen =
      chooseSchedule(&context, {128, 40}, MaskAttr::getCausal(&context));
  ASSERT_TRUE(chosen.ok()) << chosen.message();
  EXPECT_EQ(chosen->getOutputColumns(), 64);
}

TEST_F(KernelPlanTest, ChosenOutputTileGivesWayToWhatIsAskedFor) {
  ScheduleOverrides overrides;
  overrides.keyStages = overrides.valueStages = 5;
  auto schedule = chooseSchedule(&context, {128, 128},
                                 MaskAttr::getCausal(&context), overrides);
  ASSERT_TRUE(schedule.ok()) << schedule.message();
  EXPECT_EQ(schedule->getOutputColumns(), 0);
  EXPECT_EQ(schedule->getQueryStages(), 2);
  EXPECT_EQ(schedule->getKeyTile(), 64);
}

TEST_F(KernelPlanTest, EveryHeadDimHasASchedule) {
  for (MaskAttr mask : {MaskAttr(), MaskAttr::getCausal(&context)})
    for (int64_t headDim = 8; headDim <= target::kMaxHeadDim; headDim += 8)
      for (int64_t valueHeadDim = 8; valueHeadDim <= target::kMaxHeadDim;
           valueHeadDim += 8) {
        KernelShape shape{headDim, valueHeadDim};
        auto schedule = chooseSchedule(&context, shape, mask);
        ASSERT_TRUE(schedule.ok())
            << headDim << " " << valueHeadDim << ": " << schedule.message();
        EXPECT_TRUE(planKernel(*schedule, shape).ok());
        EXPECT_GE(schedule->getKeyStages(), 2);
        auto exact = chooseSchedule(&context, shape, mask, getExact());
        ASSERT_TRUE(exact.ok())
            << headDim << " " << valueHeadDim << ": " << exact.message();
        EXPECT_TRUE(planKernel(*exact, shape).ok());
        EXPECT_EQ(exact->getSigmoid(), SigmoidForm::Exact);
      }
}

TEST_F(KernelPlanTest, ExactSigmoidHasItsOwnScheduleForMiddleHeads) {
  auto choose = [&](int64_t headDim, MaskAttr mask, ScoreKind score) {
    KernelShape shape{headDim, headDim};
    auto exact = chooseSchedule(&context, shape, mask, getExact(), score);
    return exact.ok() ? *exact : ScheduleAttr();
  };
  MaskAttr causal = MaskAttr::getCausal(&context);
  for (int64_t headDim : {72, 128}) {
    ScheduleAttr full = choose(headDim, {}, ScoreKind::None);
    ScheduleAttr masked = choose(headDim, causal, ScoreKind::None);
    ScheduleAttr scored = choose(headDim, {}, ScoreKind::Any);
    ASSERT_TRUE(full && masked && scored);
    ScheduleAttr window =
        choose(headDim, MaskAttr::get(&context, 64, 0), ScoreKind::None);
    ASSERT_TRUE(window);
    ScheduleAttr sum = choose(headDim, {}, ScoreKind::Sum);
    ScheduleAttr maskedSum = choose(headDim, causal, ScoreKind::Sum);
    ScheduleAttr windowSum =
        choose(headDim, MaskAttr::get(&context, 64, 0), ScoreKind::Sum);
    ASSERT_TRUE(sum && maskedSum && windowSum);
    for (ScheduleAttr schedule : {full, scored, sum}) {
      EXPECT_EQ(schedule.getConsumers(), 2);
      EXPECT_TRUE(schedule.getPingPong());
    }
    for (ScheduleAttr schedule : {masked, window, maskedSum}) {
      EXPECT_EQ(schedule.getKeyTile(), 64);
      EXPECT_EQ(schedule.getConsumers(), 3);
      EXPECT_FALSE(schedule.getPingPong());
    }
    EXPECT_EQ(full.getKeyTile(), 128);
    EXPECT_EQ(scored.getKeyTile(), 80);
    EXPECT_EQ(sum.getKeyTile(), 96);
    EXPECT_EQ(windowSum.getConsumers(), 2);
    EXPECT_EQ(windowSum.getKeyTile(), 64);
  }
  for (int64_t headDim : {64, 136}) {
    ScheduleAttr schedule = choose(headDim, {}, ScoreKind::None);
    ASSERT_TRUE(schedule);
    EXPECT_FALSE(schedule.getPingPong());
    EXPECT_EQ(schedule.getConsumers(), headDim == 64 ? 4 : 2);
  }
  ScheduleAttr scored = choose(64, {}, ScoreKind::Any);
  ASSERT_TRUE(scored);
  EXPECT_EQ(scored.getConsumers(), 3);
  ScheduleAttr sum = choose(64, {}, ScoreKind::Sum);
  ASSERT_TRUE(sum);
  EXPECT_EQ(sum.getConsumers(), 4);
}

TEST_F(KernelPlanTest, ExactSigmoidKeepsWhatIsAskedFor) {
  ScheduleOverrides overrides = getExact();
  overrides.keyTile = 64;
  overrides.consumers = 3;
  auto schedule = chooseSchedule(&context, {128, 128}, {}, overrides);
  ASSERT_TRUE(schedule.ok()) << schedule.message();
  EXPECT_EQ(schedule->getConsumers(), 3);
  EXPECT_EQ(schedule->getKeyTile(), 64);
  EXPECT_TRUE(schedule->getPingPong());
}

TEST_F(KernelPlanTest, ConsumersDecideRegisters) {
  ScheduleOverrides overrides = getExact();
  overrides.consumers = 3;
  auto schedule = chooseSchedule(&context, {128, 128}, {}, overrides);
  ASSERT_TRUE(schedule.ok()) << schedule.message();
  EXPECT_EQ(schedule->getConsumerRegisters(), 160);
  EXPECT_EQ(schedule->getProducerRegisters(), 32);
  EXPECT_EQ(schedule->getQueryTile(), 192);
  EXPECT_EQ(schedule->getKeyTile(), 80);
}

} // namespace
