// SPDX-License-Identifier: Apache-2.0
// Hand-worked values; tests/parity/check_average_precision.py compares the figures with other implementations.
#include "mien/score/average_precision.h"

#include <gtest/gtest.h>

namespace mien::score {
namespace {

/// One class. Picture 0 has two faces: one found twice, one not. Picture 1 has none, but a box was found.
std::vector<DetectedPicture> small_case() {
  DetectedPicture faces;
  faces.truth = {{{0, 0, 10, 10}, 0}, {{50, 50, 10, 10}, 0}};
  faces.found = {{{0, 0, 10, 10}, 0.9f, 0}, {{1, 0, 10, 10}, 0.8f, 0}};
  DetectedPicture empty;
  empty.found = {{{5, 5, 10, 10}, 0.95f, 0}};
  return {faces, empty};
}

TEST(AveragePrecision, VocCountsARepeatedHitAsAMistake) {
  const auto curve = voc_curve(small_case(), 0, 0.5, BoxPixels::whole);
  ASSERT_EQ(curve.size(), 3u);  // 0.95 miss, 0.9 hit, 0.8 again
  EXPECT_DOUBLE_EQ(curve[0].precision, 0);
  EXPECT_DOUBLE_EQ(curve[1].precision, 0.5);
  EXPECT_DOUBLE_EQ(curve[1].recall, 0.5);
  EXPECT_DOUBLE_EQ(curve[2].precision, 1.0 / 3);
  EXPECT_DOUBLE_EQ(voc_average_precision(curve), 0.25);  // 0.5 up to a recall of 0.5, 0 beyond
}

TEST(AveragePrecision, CocoReadsPrecisionAt101Recalls) {
  // Precision 0.5 at the recalls 0, 0.01, ..., 0.5: 51 of 101 points.
  EXPECT_DOUBLE_EQ(*coco_average_precision(small_case(), 0, 0.5), 0.5 * 51 / 101);
  // The first box fits exactly; the second overlaps its face by 90 of 110 pixels, which is below 0.95 anyway.
  EXPECT_DOUBLE_EQ(*coco_average_precision(small_case(), 0, 0.95), 0.5 * 51 / 101);
  EXPECT_FALSE(coco_average_precision(small_case(), 1, 0.5).has_value());
}

TEST(AveragePrecision, HandCaseOfTheCard) {  // fer-yolo-mamba, section 9: three faces; by score a hit, a miss, a hit
  DetectedPicture picture;
  picture.truth = {{{0, 0, 10, 10}, 0}, {{20, 0, 10, 10}, 0}, {{40, 0, 10, 10}, 0}};
  picture.found = {{{0, 0, 10, 10}, 0.9f, 0}, {{60, 0, 10, 10}, 0.8f, 0}, {{20, 0, 10, 10}, 0.7f, 0}};
  EXPECT_NEAR(voc_average_precision(voc_curve({picture}, 0, 0.5, BoxPixels::whole)), 0.555556, 1e-6);
  EXPECT_NEAR(*coco_average_precision({picture}, 0, 0.5), 0.554455, 1e-6);
  // Corners (0,0,9,9) and (5,0,14,9) share 50 of 150 whole pixels.
  picture.truth = {{{0, 0, 9, 9}, 0}};
  picture.found = {{{5, 0, 9, 9}, 0.9f, 0}};
  EXPECT_EQ(voc_curve({picture}, 0, 0.3333, BoxPixels::whole).front().precision, 1);
  EXPECT_EQ(voc_curve({picture}, 0, 0.3334, BoxPixels::whole).front().precision, 0);
}

TEST(AveragePrecision, WholePixelsWidenBoxesByOne) {
  // Columns 0..1 and 1..2 of two rows: 2 of 6 whole pixels are shared.
  DetectedPicture picture;
  picture.truth = {{{0, 0, 1, 1}, 0}};
  picture.found = {{{1, 0, 1, 1}, 0.9f, 0}};
  EXPECT_EQ(voc_curve({picture}, 0, 0.33, BoxPixels::whole).front().precision, 1);
  EXPECT_EQ(voc_curve({picture}, 0, 0.34, BoxPixels::whole).front().precision, 0);
  EXPECT_EQ(voc_curve({picture}, 0, 0.01, BoxPixels::continuous).front().precision, 0);
}

TEST(AveragePrecision, MeansGoOverTheClassesThatOccur) {
  const auto scores = score_detections(small_case(), 3);
  EXPECT_EQ(scores.truths, 2);
  EXPECT_EQ(scores.found, 3);
  EXPECT_DOUBLE_EQ(scores.voc_map50, 0.25);
  EXPECT_FALSE(scores.classes[2].voc50.has_value());
  EXPECT_DOUBLE_EQ(*scores.classes[0].precision, 1.0 / 3);  // all three have a score of 0.5 or more
  EXPECT_DOUBLE_EQ(*scores.classes[0].recall, 0.5);
  EXPECT_DOUBLE_EQ(*scores.classes[0].f1, 0.4);
  EXPECT_EQ(score_detections({}, 3).coco_map, 0);
}

TEST(AveragePrecision, WithoutBoxesAboveTheScoreThereIsNoPrecision) {
  DetectedPicture picture;
  picture.truth = {{{0, 0, 10, 10}, 0}};
  picture.found = {{{0, 0, 10, 10}, 0.4f, 0}};
  const auto scores = score_detections({picture}, 1);
  EXPECT_FALSE(scores.classes[0].precision.has_value());
  EXPECT_EQ(scores.classes[0].recall, 0);
  EXPECT_EQ(scores.classes[0].voc50, 1);
}

}  // namespace
}  // namespace mien::score
