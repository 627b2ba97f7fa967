// SPDX-License-Identifier: Apache-2.0
#include "mien/score/label_report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/error.h"
#include "support/temp_dir.h"

namespace mien::score {
namespace {

/// Four training pictures of one pixel, the picture's number; labels 0 1 0 1.
pack::Pack four_pictures(const testing::TempDir& dir) {
  pack::PackInfo info;
  info.width = info.height = 1;
  info.classes = {"neutral", "anger"};
  pack::PackWriter writer(dir / "a.pack", info);
  for (int i = 0; i < 4; ++i) {
    pack::Sample s;
    s.label = i % 2;
    s.distribution[static_cast<std::size_t>(i % 2)] = 1;
    s.source = i == 3 ? "a,b.png" : "x.png";
    writer.add(s, std::vector<std::uint8_t>{static_cast<std::uint8_t>(i)});
  }
  writer.commit();
  return pack::Pack(dir / "a.pack");
}

/// p[neutral] of the pictures: 0.9, 0.25, 0.3, 0.75; mean 0.55.
std::vector<float> answers(std::span<const std::uint32_t> indices) {
  const double neutral[] = {0.9, 0.25, 0.3, 0.75};
  std::vector<float> logits;
  for (auto i : indices)
    logits.insert(logits.end(),
                  {static_cast<float>(std::log(neutral[i])), static_cast<float>(std::log(1 - neutral[i]))});
  return logits;
}

TEST(LabelReport, OrdersByMarginToTheMeanOfTheClass) {
  const testing::TempDir dir;
  const auto pack = four_pictures(dir);
  const auto r = report_labels(answers, pack.info().classes, pack, pack::Split::train, {.batch_size = 3});
  EXPECT_NEAR(r.thresholds[0], 0.55, 1e-6);
  EXPECT_NEAR(r.thresholds[1], 0.45, 1e-6);
  std::vector<std::uint32_t> order;
  for (const auto& d : r.doubts) order.push_back(d.picture);
  EXPECT_EQ(order, (std::vector<std::uint32_t>{2, 3, 1, 0}));  // margins -0.25, -0.2, 0.3, 0.35
  EXPECT_EQ(r.suspects, 2);
  EXPECT_NEAR(r.doubts[0].margin(), -0.25, 1e-6);
  EXPECT_EQ(r.doubts[0].answer, 1u);
  EXPECT_FALSE(r.against_truth);
}

TEST(LabelReport, CountsAgainstTheTruth) {
  const testing::TempDir dir;
  const auto pack = four_pictures(dir);
  // Pictures 1 and 2 are wrong: one is detected, the other is predicted again.
  const auto r =
      report_labels(answers, pack.info().classes, pack, pack::Split::train, {}, {{0, 0}, {1, 0}, {2, 1}, {3, 1}});
  ASSERT_TRUE(r.against_truth);
  const auto& t = *r.against_truth;
  EXPECT_EQ(t.wrong, 2);
  EXPECT_EQ(t.wrong_suspects, 1);
  EXPECT_EQ(*t.precision, 0.5);
  EXPECT_EQ(*t.recall, 0.5);
  EXPECT_EQ(*t.clean_precision, 0.5);
  EXPECT_EQ(*t.clean_recall, 0.5);
  EXPECT_EQ(*t.memorised_share, 0.5);
  EXPECT_EQ(*t.ranking, 0.75);  // three of four pairs
  const Json json = to_json(r, pack, 3);
  EXPECT_EQ(json.at("list").size(), 3u);
  EXPECT_EQ(json.at("list")[0].at("right_label"), "anger");
  EXPECT_NE(to_csv(r, pack).find("3,\"a,b.png\",anger,neutral,0.250000,0.450000,-0.200000,anger\n"), std::string::npos)
      << to_csv(r, pack);
}

TEST(LabelReport, RightLabelsAllKeptHaveNothingToFind) {
  const testing::TempDir dir;
  const auto pack = four_pictures(dir);
  const auto r =
      report_labels(answers, pack.info().classes, pack, pack::Split::train, {}, {{0, 0}, {1, 1}, {2, 0}, {3, 1}});
  EXPECT_EQ(*r.against_truth->clean_precision, 1);
  EXPECT_FALSE(r.against_truth->recall);
  EXPECT_FALSE(r.against_truth->ranking);
  EXPECT_TRUE(to_json(r, pack, 0).at("truth").at("recall").is_null());
  EXPECT_TRUE(to_json(r, pack, 0).at("list").empty());
}

TEST(LabelReport, ATruthThatLacksAPictureIsRefused) {
  const testing::TempDir dir;
  const auto pack = four_pictures(dir);
  EXPECT_THROW(report_labels(answers, pack.info().classes, pack, pack::Split::train, {}, {{0, 0}}), Error);
  EXPECT_THROW(report_labels(answers, {"neutral", "fear"}, pack, pack::Split::train, {}), Error);
  EXPECT_THROW(report_labels(answers, pack.info().classes, pack, pack::Split::test, {}), Error);
}

}  // namespace
}  // namespace mien::score
