// SPDX-License-Identifier: Apache-2.0
#include "mien/score/calibrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/error.h"
#include "support/temp_dir.h"

namespace mien::score {
namespace {

/// 400 validation pictures of neutral and happiness, then 200 of test; the pixel is the label.
pack::Pack two_parts(const testing::TempDir& dir) {
  pack::PackInfo info;
  info.width = info.height = 1;
  info.classes = {"neutral", "happiness", "anger"};
  pack::PackWriter writer(dir / "a.pack", info);
  for (int i = 0; i < 600; ++i) {
    pack::Sample s;
    s.split = i < 400 ? pack::Split::valid : pack::Split::test;
    s.label = i % 2;
    s.distribution[static_cast<std::size_t>(s.label)] = 1;
    writer.add(s, std::vector<std::uint8_t>{static_cast<std::uint8_t>(s.label)});
  }
  writer.commit();
  return pack::Pack(dir / "a.pack");
}

/// Columns anger, happiness, neutral. Logit 6 for the right class, in every fourth picture for the other one; anger is
/// never likely.
Predictor sharp(const pack::Pack& pack, int* calls = nullptr) {
  return [&pack, calls](std::span<const std::uint32_t> indices) {
    if (calls) ++*calls;
    std::vector<float> logits;
    for (auto i : indices) {
      const bool happy = (pack.pixels(i)[0] == 1) != (i % 8 >= 6);
      logits.insert(logits.end(), {-1000.0f, happy ? 6.0f : 0.0f, happy ? 0.0f : 6.0f});
    }
    return logits;
  };
}
const std::vector<std::string> kColumns = {"anger", "happiness", "neutral"};
std::vector<CalibrationSet> one(Predictor predictor, const pack::Pack& pack) { return {{std::move(predictor), pack}}; }

TEST(Calibrate, ByHand) {
  const testing::TempDir dir;
  const auto pack = two_parts(dir);
  int calls = 0;
  const auto r = calibrate(one(sharp(pack, &calls), pack), kColumns, {.test = true, .command = "mien calibrate a"});
  EXPECT_EQ(calls, 7 + 4);  // each picture once, 64 at a time
  EXPECT_NEAR(r.temperature, 6 / std::log(3.0), 1e-6);
  ASSERT_EQ(r.figures.size(), 2u);
  EXPECT_EQ(r.figures[0].split, "valid");
  EXPECT_EQ(r.figures[0].samples, 400u);
  EXPECT_NEAR(r.figures[0].ece_before, 1 / (1 + std::exp(-6.0)) - 0.75, 1e-6);
  EXPECT_NEAR(r.figures[0].ece_after, 0, 1e-6);
  EXPECT_NEAR(r.figures[1].nll_after, -(0.75 * std::log(0.75) + 0.25 * std::log(0.25)), 1e-6);
  EXPECT_LT(r.figures[1].nll_after, r.figures[1].nll_before);
  // All have equal confidence: one row, which answers all.
  ASSERT_EQ(r.calibration.table.size(), 1u);
  EXPECT_EQ(r.calibration.table[0].measured_risk, 0.25);
  EXPECT_GT(r.calibration.table[0].risk, 0.25);
  EXPECT_EQ(r.calibration.record.at("command"), "mien calibrate a");
  EXPECT_THAT(to_text(r), ::testing::HasSubstr("valid, 400 pictures: ECE 24.75 % → 0.00 %"));
  EXPECT_EQ(to_json(r).at("figures")[1].at("split"), "test");
}

TEST(Calibrate, SeveralSets) {
  const testing::TempDir dir;
  const auto pack = two_parts(dir);
  const Predictor worse = [&](std::span<const std::uint32_t> indices) {
    std::vector<float> logits;
    for (auto i : indices) {
      const bool happy = (pack.pixels(i)[0] == 1) != (i % 8 >= 5);
      logits.insert(logits.end(), {-1000.0f, happy ? 6.0f : 0.0f, happy ? 0.0f : 6.0f});
    }
    return logits;
  };
  const std::vector<CalibrationSet> sets{{sharp(pack), pack}, {worse, pack}};
  const auto r = calibrate(sets, kColumns, {.test = true});
  // Right in 3/4 and 5/8 of the pictures: together in 11/16.
  EXPECT_NEAR(r.temperature, 6 / std::log(11.0 / 5), 1e-6);
  ASSERT_EQ(r.figures.size(), 4u);
  EXPECT_EQ(r.figures[2].split, "test");
  ASSERT_EQ(r.calibration.table.size(), 1u);
  EXPECT_EQ(r.calibration.table[0].measured_risk, 0.375);
  EXPECT_GT(r.calibration.table[0].risk, calibrate(one(worse, pack), kColumns, {}).calibration.table[0].risk);
  EXPECT_EQ(r.calibration.record.at("also").size(), 1u);
  EXPECT_FALSE(calibrate(one(worse, pack), kColumns, {}).calibration.record.contains("also"));
  EXPECT_THAT(to_text(r), ::testing::HasSubstr("on valid of each set"));
}

/// One picture with a face in each of two parts.
pack::Pack two_scenes(const testing::TempDir& dir) {
  pack::PackInfo info;
  info.width = info.height = 20;
  info.classes = face::class_set(8);
  info.placement = pack::Placement::letterbox;
  pack::PackWriter writer(dir / "scenes.pack", info);
  for (const auto split : {pack::Split::valid, pack::Split::test}) {
    pack::Sample s;
    s.split = split;
    s.boxes = std::vector<face::LabelledBox>{{{2, 2, 6, 6}, 0}};
    writer.add(s, std::vector<std::uint8_t>(400));
  }
  writer.commit();
  return pack::Pack(dir / "scenes.pack");
}

TEST(Calibrate, TheScoreLimitOfADetector) {
  const testing::TempDir dir;
  const auto pack = two_scenes(dir);
  // The face with a score of 0.3 and a false box of 0.2: the best limit keeps only the first.
  const BoxPredictor predictor = [](std::span<const std::uint32_t> indices) {
    return std::vector<std::vector<face::ScoredBox>>(indices.size(),
                                                     {{{2, 2, 6, 6}, 0.3f, 5}, {{12, 12, 6, 6}, 0.2f, 5}});
  };
  const auto r = calibrate_boxes(predictor, face::class_set(8), pack, {.test = true});
  EXPECT_FLOAT_EQ(static_cast<float>(r.calibration.score_limit), 0.3f);
  EXPECT_EQ(r.temperature, 1);
  EXPECT_TRUE(r.calibration.table.empty());
  EXPECT_EQ(to_json(r).at("figures")[1].at("f1"), 1);
  EXPECT_THAT(to_text(r), ::testing::HasSubstr("test, 1 pictures: 100.0 % of the faces found"));
  const BoxPredictor misses = [](std::span<const std::uint32_t> indices) {
    return std::vector<std::vector<face::ScoredBox>>(indices.size(), {{{12, 12, 6, 6}, 0.2f, 5}});
  };
  EXPECT_THROW(calibrate_boxes(misses, face::class_set(8), pack, {}), Error);
  EXPECT_THROW(calibrate_boxes(predictor, face::class_set(8), pack, {.split = pack::Split::test}), Error);
}

TEST(Calibrate, OnlyOnValidation) {
  const testing::TempDir dir;
  const auto pack = two_parts(dir);
  for (const auto split : {pack::Split::test, pack::Split::train}) {
    try {
      calibrate(one(sharp(pack), pack), kColumns, {.split = split});
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_THAT(error.remedy(), ::testing::HasSubstr("--split valid"));
    }
  }
}

TEST(Evaluate, WhatIsLeftUnanswered) {
  const testing::TempDir dir;
  const auto pack = two_parts(dir);
  // Wrong answers have lower confidence: logit 2, not 6.
  const Predictor knows = [&](std::span<const std::uint32_t> indices) {
    auto logits = sharp(pack)(indices);
    for (std::size_t i = 0; i < indices.size(); ++i)
      if (indices[i] % 8 >= 6)
        for (std::size_t k = 0; k < 3; ++k) logits[3 * i + k] /= 3;
    return logits;
  };
  Options options;
  options.abstain = face::RiskThreshold{.risk = 0.05, .threshold = 0.9};
  const auto e = evaluate(knows, kColumns, pack, pack::Split::test, options);
  EXPECT_DOUBLE_EQ(e.selection.coverage, 0.75);
  EXPECT_EQ(e.selection.risk, 0);
  EXPECT_EQ(to_json(e).at("abstain").at("answered"), 150);
}

}  // namespace
}  // namespace mien::score
