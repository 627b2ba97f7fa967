// SPDX-License-Identifier: Apache-2.0
#include "mien/score/detection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/error.h"
#include "support/temp_dir.h"

namespace mien::score {
namespace {

using ::testing::HasSubstr;

/// Two scenes of 20 × 10 packed pixels, whole pictures of 40 × 20: a neutral face, and nothing.
pack::Pack scenes(const testing::TempDir& dir, bool with_boxes = true) {
  pack::PackInfo info;
  info.width = 20, info.height = 10;
  info.classes = face::class_set(8);
  info.placement = pack::Placement::letterbox;
  pack::PackWriter writer(dir / "s.pack", info);
  for (int i = 0; i < 2; ++i) {
    pack::Sample s;
    s.split = pack::Split::test;
    s.source = "scene";
    if (with_boxes) s.boxes.emplace();
    if (with_boxes && i == 0) s.boxes->push_back({{2, 2, 6, 6}, 0});
    s.original = pack::PictureSize{40, 20};
    writer.add(s, std::vector<std::uint8_t>(200));
  }
  writer.commit();
  return pack::Pack(dir / "s.pack");
}

/// The predictor has the classes in another order: happiness first, then neutral.
std::vector<std::string> other_order() {
  auto classes = face::class_set(8);
  std::swap(classes[0], classes[1]);
  return classes;
}

BoxPredictor finds(face::Box box, int label) {
  return [=](std::span<const std::uint32_t> indices) {
    std::vector<std::vector<face::ScoredBox>> out(indices.size());
    for (std::size_t i = 0; i < indices.size(); ++i)
      if (indices[i] == 0) out[i].push_back({box, 0.8f, label});
    return out;
  };
}

TEST(EvaluateBoxes, MatchesClassesByNameAndGivesTheContract) {
  const testing::TempDir dir;
  const auto pack = scenes(dir);
  const auto e = evaluate_boxes(finds({2, 2, 6, 6}, 1), other_order(), pack, pack::Split::test, {});
  EXPECT_EQ(e.scores.voc_map50, 1);
  EXPECT_EQ(e.scores.coco_map, 1);
  const Json json = report_json(e, {"m.onnx", "s.pack", "test", "single", "mien eval", 3});
  EXPECT_EQ(json["map50"], 1);
  EXPECT_EQ(json["map50_95"], 1);
  EXPECT_EQ(json["ap50"]["neutral"], 1);
  EXPECT_TRUE(json["ap50"]["fear"].is_null());
  EXPECT_EQ(json["samples"], 2);
  EXPECT_EQ(json["boxes"]["truth"], 1);
  EXPECT_THAT(report_text(e, {"m.onnx", "s.pack", "test", "single", "", 0}), HasSubstr("mAP50         100.00 %"));
  EXPECT_EQ(curves_json(e)["precision_recall"]["neutral"].size(), 1u);
  const auto wrong = evaluate_boxes(finds({2, 2, 6, 6}, 0), other_order(), pack, pack::Split::test, {});
  EXPECT_EQ(wrong.scores.voc_map50, 0);
}

TEST(EvaluateBoxes, ComparesInPixelsOfTheOriginalPictures) {
  const testing::TempDir dir;
  const auto pack = scenes(dir);
  // A box moved by 1.4 packed pixels along x: 2.8 original ones, so Pascal VOC compares 4..16 with 6..18 (13 and 13
  // pixels wide, 11 shared): 11·13 / (2·169 - 143) = 0.733. In packed pixels 2..8 and 3..9 would give 6·7 / 56 = 0.75.
  const auto e = evaluate_boxes(finds({3.4f, 2, 6, 6}, 1), other_order(), pack, pack::Split::test, {});
  EXPECT_EQ(e.scores.voc_map50, 1);
  EXPECT_NEAR(e.scores.coco_map, 0.3, 1e-9);  // 4.6 of 7.4 pixels are shared, 0.62: hits at 0.5, 0.55 and 0.6
}

/// Faces of these classes side by side, all in the test part; 3 training pictures with a sad face each.
pack::Pack row_of_faces(const testing::TempDir& dir, const std::vector<int>& labels) {
  pack::PackInfo info;
  info.width = info.height = 64;
  info.classes = face::class_set(8);
  pack::PackWriter writer(dir / "row.pack", info);
  for (int i = 0; i < 4; ++i) {
    pack::Sample s;
    s.split = i < 3 ? pack::Split::train : pack::Split::test;
    s.source = "row";
    s.boxes.emplace();
    if (i < 3) s.boxes->push_back({{2, 2, 10, 10}, 3});
    for (std::size_t k = 0; i == 3 && k < labels.size(); ++k)
      s.boxes->push_back({{static_cast<float>(2 + 12 * k), 2, 10, 10}, labels[k]});
    writer.add(s, std::vector<std::uint8_t>(64 * 64));
  }
  writer.commit();
  return pack::Pack(dir / "row.pack");
}

TEST(EvaluateBoxes, TellsWhatTheBoxesAreWorthWithoutTheirClasses) {
  const testing::TempDir dir;
  const auto pack = row_of_faces(dir, {3, 3, 1});
  // All three faces are found, the first twice (with another class), every box with the class 1.
  const BoxPredictor predictor = [](std::span<const std::uint32_t> indices) {
    std::vector<std::vector<face::ScoredBox>> out(indices.size());
    for (int k = 0; k < 3; ++k) out.back().push_back({{static_cast<float>(2 + 12 * k), 2, 10, 10}, 0.9f, 1});
    out.back().push_back({{2, 2, 10, 10}, 0.8f, 2});
    return out;
  };
  const auto e = evaluate_boxes(predictor, face::class_set(8), pack, pack::Split::test, {});
  ASSERT_TRUE(e.baselines.has_value());
  EXPECT_EQ(e.baselines->any_class50, 1);  // the second box of a face is left out
  EXPECT_EQ(e.baselines->commonest, 3);    // of the training part
  // Class 3: two of three boxes hit, by descending score in their order: hit, hit, miss: AP 1. Class 1: nothing found.
  EXPECT_NEAR(e.baselines->commonest_map50, 0.5, 1e-9);
  // Class 1 alone: miss, miss, hit: precision 1/3 at recall 1; class 3: nothing.
  EXPECT_NEAR(e.scores.voc_map50, 1.0 / 6, 1e-9);
  const Json json = report_json(e, {"m", "p", "test", "single", "", 0});
  EXPECT_EQ(json["commonest"]["class"], face::class_set(8)[3]);
  EXPECT_NEAR(json["commonest"]["map50"].get<double>(), 0.5, 1e-9);
  EXPECT_EQ(json["any_class50"], 1);
  EXPECT_THAT(report_text(e, {"m", "p", "test", "single", "", 0}), HasSubstr("one class     50.00 %"));
  const auto plain = evaluate_boxes(predictor, face::class_set(8), pack, pack::Split::test, {.with_baselines = false});
  EXPECT_FALSE(plain.baselines.has_value());
}

TEST(EvaluateBoxes, TheBestLimitOfACurveByHand) {
  // Four faces; the boxes are hit, hit, miss, hit.
  const std::vector<PrecisionPoint> curve = {
      {0.25, 1, 0.9f}, {0.5, 1, 0.8f}, {0.5, 2.0 / 3, 0.5f}, {0.75, 0.75, 0.25f}};
  const FacesFound best = best_limit(curve);
  EXPECT_EQ(best.score, 0.25);
  EXPECT_EQ(best.f1(), 0.75);
  const FacesFound strict = faces_found(curve, 0.6);
  EXPECT_EQ(strict.recall, 0.5);
  EXPECT_EQ(strict.precision, 1);
  EXPECT_EQ(best_limit({}).f1(), 0);
  EXPECT_EQ(faces_found(curve, 0.95).recall, 0);
}

TEST(EvaluateBoxes, RefusesWhatCannotBeJudged) {
  const testing::TempDir dir;
  const auto pack = scenes(dir, false);
  EXPECT_THROW(evaluate_boxes(finds({2, 2, 6, 6}, 1), other_order(), pack, pack::Split::test, {}), Error);
  EXPECT_THROW(evaluate_boxes(finds({2, 2, 6, 6}, 1), other_order(), pack, pack::Split::train, {}), Error);
  const testing::TempDir other;
  const auto good = scenes(other);
  EXPECT_THROW(evaluate_boxes(finds({NAN, 2, 6, 6}, 1), other_order(), good, pack::Split::test, {}), Error);
  EXPECT_THROW(evaluate_boxes(finds({2, 2, 6, 6}, 9), other_order(), good, pack::Split::test, {}), Error);
  EXPECT_THROW(evaluate_boxes(finds({2, 2, 6, 6}, 1), {"a", "b"}, good, pack::Split::test, {}), Error);
}

}  // namespace
}  // namespace mien::score
