// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "mien/base/error.h"
#include "mien/method/golden_scribe.h"
#include "mien/method/losses.h"
#include "mien/method/optimiser_options.h"
#include "mien/method/twins.h"

namespace mien::method {
namespace {

TEST(Losses, WeightedSumLeavesMonitorsOut) {
  const Losses losses{{"a", torch::tensor(2.0f), 1},
                      {"b", torch::tensor(3.0f), 0.5},
                      {"seen", torch::tensor(std::numeric_limits<float>::quiet_NaN()), 0}};
  EXPECT_FLOAT_EQ(total(losses).item<float>(), 3.5f);
  EXPECT_THROW(total({}), Error);
}

ScheduleOptions options(ScheduleKind kind) {
  ScheduleOptions s;
  s.kind = kind;
  return s;
}

TEST(Schedule, StepDropsEveryTenEpochs) {
  const auto s = options(ScheduleKind::step);
  EXPECT_DOUBLE_EQ(schedule_factor(s, 9 * 5 + 4, 5, 40), 1);
  EXPECT_DOUBLE_EQ(schedule_factor(s, 10 * 5, 5, 40), 0.1);
  EXPECT_NEAR(schedule_factor(s, 35 * 5, 5, 40), 1e-3, 1e-12);
}

TEST(Schedule, ExponentialAndMultistep) {
  auto s = options(ScheduleKind::exponential);
  s.gamma = 0.95;
  EXPECT_NEAR(schedule_factor(s, 5 * 7, 7, 40), std::pow(0.95, 5), 1e-12);
  s = options(ScheduleKind::multistep);
  s.milestones = {10, 18};
  EXPECT_DOUBLE_EQ(schedule_factor(s, 17, 1, 40), 0.1);
  EXPECT_NEAR(schedule_factor(s, 18, 1, 40), 0.01, 1e-12);
}

TEST(Schedule, CosineWithWarmUp) {
  auto s = options(ScheduleKind::cosine);
  s.warmup_epochs = 2;
  EXPECT_DOUBLE_EQ(schedule_factor(s, 0, 10, 12), 1.0 / 20);
  EXPECT_DOUBLE_EQ(schedule_factor(s, 19, 10, 12), 1);
  EXPECT_NEAR(schedule_factor(s, 20 + 50, 10, 12), 0.5, 1e-12);
  s.floor = 0.1;
  EXPECT_NEAR(schedule_factor(s, 120, 10, 12), 0.1, 1e-12);
}

// YOLOX over 300 epochs: warm-up 3 from 0.1, flat for the last 15 (card of FER-YOLO-Mamba, section 4).
// 12 epochs of 10 steps, the last two flat: the cosine falls over ten, half of it after five.
TEST(Schedule, CosineMayEndFlatAndFallBelowItsWarmUp) {
  ScheduleOptions s = options(ScheduleKind::cosine);
  s.floor = 0.1;
  s.warmup_epochs = 2;
  s.flat_epochs = 2;
  s.warmup_overrides = true;
  EXPECT_DOUBLE_EQ(schedule_factor(s, 0, 10, 12), 1.0 / 20);
  EXPECT_NEAR(schedule_factor(s, 20, 10, 12), 0.1 + 0.9 * 0.5 * (1 + std::cos(0.2 * std::numbers::pi)), 1e-12);
  EXPECT_NEAR(schedule_factor(s, 50, 10, 12), 0.55, 1e-12);
  for (const int step : {100, 110, 119}) EXPECT_NEAR(schedule_factor(s, step, 10, 12), 0.1, 1e-12);
  s.warmup_overrides = false;
  EXPECT_NEAR(schedule_factor(s, 20, 10, 12), 1, 1e-12);
  EXPECT_NEAR(schedule_factor(s, 60, 10, 12), 0.55, 1e-12);
}

TEST(Schedule, Yolox) {
  auto s = options(ScheduleKind::yolox);
  s.warmup_epochs = 3;
  s.warmup_start = 0.1;
  s.flat_epochs = 15;
  s.floor = 0.01;
  EXPECT_NEAR(schedule_factor(s, 0, 1, 300), 0.1, 1e-12);
  EXPECT_NEAR(schedule_factor(s, 3, 1, 300), 1, 1e-12);
  EXPECT_NEAR(schedule_factor(s, 144, 1, 300), 0.01 + 0.99 / 2, 1e-9);
  EXPECT_NEAR(schedule_factor(s, 290, 1, 300), 0.01, 1e-12);
}

GoldenScribe scribe() {
  nn::TensorFile file;
  file.origin = "x.safetensors";
  file.metadata = {{"num_classes", "7"}, {"name", "seven"}};
  file.tensors = {{"input", torch::zeros({1})},
                  {"eval.logits", torch::tensor({3.0f, 4.0f})},
                  {"train.grad.w", torch::tensor({1.0f})},
                  {"eval.none", torch::zeros({1})}};
  return GoldenScribe(std::move(file));
}

TEST(GoldenScribe, RelativeErrorByHandWorstFirst) {
  auto s = scribe();
  s.input("input");
  s.gradient("train.grad.w", torch::tensor({1.0005f}));
  s.output("eval.logits", torch::tensor({3.0f, 4.05f}));
  s.output("eval.none", torch::zeros({1}));
  const auto report = s.report();
  ASSERT_EQ(report.rows.size(), 3u);
  EXPECT_EQ(report.rows[0].name, "eval.logits");
  EXPECT_NEAR(report.rows[0].relative_error, 0.01, 1e-6);
  EXPECT_TRUE(report.rows[1].passed());
  EXPECT_TRUE(report.unanswered.empty());
  EXPECT_FALSE(report.passed());
}

TEST(GoldenScribe, UnansweredAbsentAndNanFail) {
  auto s = scribe();
  s.output("eval.logits", torch::full({2}, std::numeric_limits<float>::quiet_NaN()));
  s.output("eval.cut", torch::zeros({1}));
  s.gradient("train.grad.cut", torch::zeros({1}));  // files keep only some gradients
  const auto report = s.report();
  EXPECT_EQ(report.unanswered, (std::vector<std::string>{"input", "train.grad.w", "eval.none"}));
  EXPECT_EQ(report.absent, std::vector<std::string>{"eval.cut"});
  EXPECT_FALSE(report.rows[0].passed());
  EXPECT_THROW(s.output("eval.logits", torch::zeros({3})), Error);
}

TEST(GoldenScribe, AFileWithoutOutputsFails) {
  nn::TensorFile file;
  file.tensors = {{"input", torch::zeros({1})}};
  GoldenScribe s(std::move(file));
  s.input("input");
  EXPECT_TRUE(s.report().unanswered.empty());
  EXPECT_FALSE(s.report().passed());
}

TEST(GoldenScribe, NumbersComeFromTheMetadata) {
  EXPECT_EQ(scribe().num_classes(), 7);
  EXPECT_THROW(scribe().number("name"), Error);
  EXPECT_THROW(scribe().number("margin"), Error);
}

TEST(Twins, EqualOnesAreLeftOutAndOthersRefused) {
  const auto w = torch::tensor({1.0f, 2.0f});
  const std::vector<std::pair<std::string, std::string>> twins{{"head_copy.", "head."}};
  const auto kept = without_twins({{"head.weight", w}, {"head_copy.weight", w.clone()}, {"stem", w}}, twins, "file");
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].first, "head.weight");
  EXPECT_EQ(without_twins({{"head.weight", w}}, twins, "file").size(), 1u);
  EXPECT_THROW(without_twins({{"head.weight", w}, {"head_copy.weight", w + 1}}, twins, "file"), Error);
  EXPECT_THROW(without_twins({{"head_copy.weight", w}}, twins, "file"), Error);
}

}  // namespace
}  // namespace mien::method
