// SPDX-License-Identifier: Apache-2.0
#include "mien/face/calibration.h"

#include <gtest/gtest.h>

#include <functional>

#include "mien/base/error.h"
#include "mien/face/card.h"

namespace mien::face {
namespace {

Calibration three_rows() {
  Calibration c;
  c.table = {{0.02, 0.9, 0.4, 0.01}, {0.05, 0.7, 0.6, 0.03}, {0.2, 0, 1, 0.18}};
  c.record = {{"data", "FER+"}, {"samples", 3000}};
  return c;
}

ErrorKind error_kind(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_FALSE(error.remedy().empty()) << error.message();
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorKind::failed;
}

TEST(Calibration, NamesItsDataSets) {
  Calibration c;
  EXPECT_EQ(data_sets_of(c), "not specified");
  c.record = {{"data_set", "FER+"}};
  EXPECT_EQ(data_sets_of(c), "FER+");
  c.record["also"] = {{{"data_set", "web"}}, {{"data_set", ""}}};
  EXPECT_EQ(data_sets_of(c), "FER+, web");
}

TEST(Calibration, TheLowestThresholdThatHoldsTheRisk) {
  EXPECT_EQ(threshold_for(three_rows(), 0.05, false, "m").threshold, 0.7);
  EXPECT_EQ(threshold_for(three_rows(), 0.0499, false, "m").threshold, 0.9);
  EXPECT_EQ(threshold_for(three_rows(), 0.5, false, "m").threshold, 0);
  EXPECT_TRUE(threshold_for(three_rows(), 0.05, false, "m").is_sure(0.7f + 1e-6f));
  EXPECT_FALSE(threshold_for(three_rows(), 0.05, false, "m").is_sure(0.69f));
}

TEST(Calibration, WhatItCannotAnswerIsAnErrorWithRemedy) {
  EXPECT_EQ(error_kind([] { threshold_for(std::nullopt, 0.05, false, "m"); }), ErrorKind::missing);
  EXPECT_EQ(error_kind([] { threshold_for(three_rows(), 0.01, false, "m"); }), ErrorKind::missing);
  EXPECT_EQ(error_kind([] { threshold_for(Calibration{}, 0.5, false, "m"); }), ErrorKind::missing);
  EXPECT_EQ(error_kind([] { threshold_for(three_rows(), 0.05, true, "m"); }), ErrorKind::usage);
}

TEST(Calibration, GoesThroughTheCard) {
  ModelCard card;
  card.method = card.name = "m";
  card.classes = {"neutral", "anger"};
  card.outputs = {{"logits", "", ""}};
  card.temperature = 1.5;
  card.calibration = three_rows();
  const ModelCard back = card_from_json(to_json(card), "test");
  EXPECT_EQ(to_json(back), to_json(card));
  EXPECT_EQ(back.temperature, 1.5);
  ASSERT_TRUE(back.calibration);
  EXPECT_EQ(back.calibration->table.at(1).coverage, 0.6);
  EXPECT_EQ(back.calibration->record.at("samples"), 3000);
}

TEST(Calibration, TheScoreLimitOfADetectorGoesThroughTheCard) {
  Calibration calibration;
  EXPECT_FALSE(to_json(calibration).contains("score_limit"));
  calibration.score_limit = 0.25;
  Json json = to_json(calibration);
  const Calibration back = calibration_from_json(json, "test");
  EXPECT_EQ(back.score_limit, 0.25);
  EXPECT_FALSE(back.record.contains("score_limit"));
  json["score_limit"] = 1.5;
  EXPECT_THROW(calibration_from_json(json, "test"), Error);
}

TEST(Calibration, ATableOutOfOrderOrRangeIsRefused) {
  for (const auto& [field, value] : std::vector<std::pair<const char*, double>>{
           {"risk", 0.3}, {"risk", -0.1}, {"threshold", 0.95}, {"coverage", 1.5}}) {
    Json json = to_json(three_rows());
    json["abstain"]["table"][1][field] = value;
    EXPECT_EQ(error_kind([&] { calibration_from_json(json, "m"); }), ErrorKind::bad_input) << field;
  }
  Json cut = to_json(three_rows());
  cut["abstain"]["table"][0].erase("threshold");
  EXPECT_THROW(calibration_from_json(cut, "m"), Error);
}

TEST(ParseRisk, SharesAndPercent) {
  EXPECT_DOUBLE_EQ(parse_risk("0.05"), 0.05);
  EXPECT_DOUBLE_EQ(parse_risk(" 5 %"), 0.05);
  for (const char* bad : {"", "5", "0", "1", "-0.1", "100%", "x", "nan"})
    EXPECT_EQ(error_kind([&] { parse_risk(bad); }), ErrorKind::usage) << bad;
}

}  // namespace
}  // namespace mien::face
