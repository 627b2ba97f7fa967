// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "mien/base/error.h"
#include "mien/method/golden.h"
#include "mien/method/golden_file.h"
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

ScheduleOptions kind(const std::string& name) {
  ScheduleOptions s;
  s.kind = name;
  return s;
}

TEST(Schedule, StepDropsEveryTenEpochs) {
  const auto s = kind("step");
  EXPECT_DOUBLE_EQ(schedule_factor(s, 9 * 5 + 4, 5, 40), 1);
  EXPECT_DOUBLE_EQ(schedule_factor(s, 10 * 5, 5, 40), 0.1);
  EXPECT_NEAR(schedule_factor(s, 35 * 5, 5, 40), 1e-3, 1e-12);
}

TEST(Schedule, ExponentialAndMultistep) {
  auto s = kind("exponential");
  s.gamma = 0.95;
  EXPECT_NEAR(schedule_factor(s, 5 * 7, 7, 40), std::pow(0.95, 5), 1e-12);
  s = kind("multistep");
  s.milestones = {10, 18};
  EXPECT_DOUBLE_EQ(schedule_factor(s, 17, 1, 40), 0.1);
  EXPECT_NEAR(schedule_factor(s, 18, 1, 40), 0.01, 1e-12);
}

TEST(Schedule, CosineWithWarmUp) {
  auto s = kind("cosine");
  s.warmup_epochs = 2;
  EXPECT_DOUBLE_EQ(schedule_factor(s, 0, 10, 12), 1.0 / 20);
  EXPECT_DOUBLE_EQ(schedule_factor(s, 19, 10, 12), 1);
  EXPECT_NEAR(schedule_factor(s, 20 + 50, 10, 12), 0.5, 1e-12);
  s.floor = 0.1;
  EXPECT_NEAR(schedule_factor(s, 120, 10, 12), 0.1, 1e-12);
}

// YOLOX over 300 epochs: warm-up 3 from 0.1, flat for the last 15 (card of FER-YOLO-Mamba, section 4).
TEST(Schedule, Yolox) {
  auto s = kind("yolox");
  s.warmup_epochs = 3;
  s.warmup_start = 0.1;
  s.flat_epochs = 15;
  s.floor = 0.01;
  EXPECT_NEAR(schedule_factor(s, 0, 1, 300), 0.1, 1e-12);
  EXPECT_NEAR(schedule_factor(s, 3, 1, 300), 1, 1e-12);
  EXPECT_NEAR(schedule_factor(s, 144, 1, 300), 0.01 + 0.99 / 2, 1e-9);
  EXPECT_NEAR(schedule_factor(s, 290, 1, 300), 0.01, 1e-12);
}

nn::TensorFile golden() {
  nn::TensorFile file;
  file.tensors = {{"input", torch::ones({2})},
                  {"eval.logits", torch::tensor({3.0f, 4.0f})},
                  {"train.grad.w", torch::tensor({1.0f})},
                  {"eval.none", torch::zeros({1})}};
  return file;
}

TEST(CompareGolden, RelativeErrorByHand) {
  const auto report = compare_golden(golden(), {{"eval.logits", torch::tensor({3.0f, 4.05f})},
                                                {"train.grad.w", torch::tensor({1.0005f})},
                                                {"eval.none", torch::zeros({1})}});
  ASSERT_EQ(report.rows.size(), 3u);
  EXPECT_EQ(report.rows[0].name, "eval.logits");
  EXPECT_NEAR(report.rows[0].relative_error, 0.01, 1e-6);
  EXPECT_TRUE(report.rows[1].passed());
  EXPECT_FALSE(report.passed());
}

TEST(CompareGolden, MissingAnswersAndNanFail) {
  const auto report = compare_golden(
      golden(),
      {{"eval.logits", torch::full({2}, std::numeric_limits<float>::quiet_NaN())}, {"eval.none", torch::zeros({1})}});
  EXPECT_EQ(report.unanswered, std::vector<std::string>{"train.grad.w"});
  EXPECT_FALSE(report.rows[0].passed());
  EXPECT_THROW(compare_golden(golden(), {{"eval.logits", torch::zeros({3})}}), Error);
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

TEST(GoldenFile, FactsComeFromTheMetadata) {
  nn::TensorFile golden;
  golden.origin = "x.safetensors";
  EXPECT_THROW(golden_facts(golden), Error);
  golden.metadata["num_classes"] = "seven";
  EXPECT_THROW(golden_facts(golden), Error);
  golden.metadata["num_classes"] = "7";
  EXPECT_EQ(golden_facts(golden).classes.size(), 7u);
  EXPECT_EQ(golden_facts(golden).input.channels, 3);
}

}  // namespace
}  // namespace mien::method
