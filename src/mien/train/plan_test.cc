// SPDX-License-Identifier: Apache-2.0
#include "mien/train/plan.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"

namespace mien::train {
namespace {

method::Stage stage(const std::string& name, int epochs, bool counts_on = false) {
  method::Stage out;
  out.name = name;
  out.epochs = epochs;
  out.counts_on = counts_on;
  out.players = {{"network", {}, {}}};
  out.turns = {{0, 1, {}}};
  return out;
}

TrainConfig config() {
  TrainConfig out;
  out.epochs = 40;
  out.batch_size = 128;
  out.seed = 7;
  return out;
}

TEST(PlanStages, StagesThatSetNothingTakeTheRunsNumbers) {
  auto own = stage("own", 3);
  own.needs.batch_size = 16;
  const auto plans = plan_stages({stage("main", 0), own}, config());
  EXPECT_EQ(plans[0].num_epochs, 40);
  EXPECT_EQ(plans[0].batch_size, 128);
  EXPECT_EQ(plans[1].num_epochs, 3);
  EXPECT_EQ(plans[1].batch_size, 16);
}

TEST(PlanStages, TheFirstStageHasTheRunsSeedAndEachLaterOneItsOwn) {
  const auto plans = plan_stages({stage("a", 1), stage("b", 1), stage("c", 1)}, config());
  EXPECT_EQ(plans[0].seed, 7u);
  EXPECT_NE(plans[1].seed, 7u);
  EXPECT_NE(plans[2].seed, plans[1].seed);
}

TEST(PlanStages, AStageAloneKeepsItsSeedAndItsPlaceInTheSpan) {
  const std::vector<method::Stage> stages{stage("frozen", 100), stage("whole", 200, true), stage("after", 5)};
  const auto all = plan_stages(stages, config());
  auto alone = config();
  alone.stages = {"whole"};
  const auto plans = plan_stages(stages, alone);
  EXPECT_FALSE(plans[0].is_chosen);
  EXPECT_TRUE(plans[1].is_chosen);
  EXPECT_FALSE(plans[2].is_chosen);
  EXPECT_EQ(plans[1].seed, all[1].seed);
  EXPECT_EQ(plans[0].span_epochs, 300);
  EXPECT_EQ(plans[1].span_begin, 100);
  EXPECT_EQ(plans[1].span_epochs, 300);
  EXPECT_EQ(plans[2].span_begin, 0);
  EXPECT_EQ(plans[2].span_epochs, 5);
}

TEST(PlanStages, AnUnknownStageIsAUsageErrorThatNamesTheNearest) {
  auto wrong = config();
  wrong.stages = {"recogniton"};
  try {
    plan_stages({stage("inversion", 1), stage("recognition", 1)}, wrong);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(error.remedy().find("recognition"), std::string::npos);
  }
}

TEST(PlanStages, RefusesStagesThatContradictThemselves) {
  EXPECT_THROW(plan_stages({stage("a", 1), stage("a", 1)}, config()), Error);
  EXPECT_THROW(plan_stages({stage("a/b", 1)}, config()), Error);
  auto turn = stage("a", 1);
  turn.turns[0].player = 1;
  EXPECT_THROW(plan_stages({turn}, config()), Error);
  auto twins = stage("a", 1);
  twins.players.push_back(twins.players[0]);
  EXPECT_THROW(plan_stages({twins}, config()), Error);
  twins.players[1].name = "critic";
  EXPECT_NO_THROW(plan_stages({twins}, config()));
  twins.players[0].average = method::MovingAverage{};
  twins.players[1].average = method::MovingAverage{"critic."};
  EXPECT_THROW(plan_stages({twins}, config()), Error);  // the first covers the whole network
}

TEST(StepContext, CountsOverItsSpan) {
  // 10 epochs of 4 steps after 30 epochs of earlier stages, of 40 in all: at step 6 of the stage, 126 of 160 are done.
  const method::StepContext c{1, 10, 6, 4, 30, 40};
  EXPECT_EQ(c.span_step(), 126);
  EXPECT_EQ(c.epochs_in_span(), 40);
  EXPECT_DOUBLE_EQ(c.progress(), 126.0 / 160);
  const method::StepContext alone{1, 10, 6, 4};
  EXPECT_DOUBLE_EQ(alone.progress(), 6.0 / 40);
  EXPECT_EQ(method::StepContext{}.progress(), 0);
}

}  // namespace
}  // namespace mien::train
