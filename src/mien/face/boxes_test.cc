// SPDX-License-Identifier: Apache-2.0
#include "mien/face/boxes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/error.h"
#include "mien/face/box_decoding.h"
#include "mien/face/letterbox.h"
#include "mien/face/points68.h"

namespace mien::face {
namespace {

BoxDefect defect(Box box, int label = 0) { return defect_of({box, label}, 100, 50, 7); }

TEST(Boxes, EveryDefectIsNamed) {
  EXPECT_EQ(defect({0, 0, 100, 50}, 6), BoxDefect::none);
  EXPECT_EQ(defect({-0.005f, 0, 100.009f, 50}), BoxDefect::none);  // rounding
  EXPECT_EQ(defect({-1, 0, 10, 10}), BoxDefect::beyond);
  EXPECT_EQ(defect({91, 0, 10, 10}), BoxDefect::beyond);
  EXPECT_EQ(defect({100, 0, 10, 10}), BoxDefect::outside);
  EXPECT_EQ(defect({0, -10, 10, 10}), BoxDefect::outside);
  EXPECT_EQ(defect({10, 10, 0, 5}), BoxDefect::no_area);
  EXPECT_EQ(defect({10, 10, -3, 5}), BoxDefect::swapped_corners);
  EXPECT_EQ(defect({NAN, 10, 3, 5}), BoxDefect::not_finite);
  EXPECT_EQ(defect({10, 10, 3, 5}, 7), BoxDefect::bad_class);
  EXPECT_EQ(defect({10, 10, 3, 5}, -1), BoxDefect::bad_class);
}

TEST(Boxes, SuppressionLeavesOtherClassesAlone) {
  // Boxes 0 and 1 share 9·10 of 110 pixels (IoU 0.818); 2 is box 1 with another class.
  const std::vector<ScoredBox> boxes = {
      {{1, 0, 10, 10}, 0.8f, 2}, {{0, 0, 10, 10}, 0.9f, 2}, {{0, 0, 10, 10}, 0.7f, 3}};
  const auto kept = suppress_by_class(boxes, 0.5f);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_FLOAT_EQ(kept[0].score, 0.9f);
  EXPECT_EQ(kept[1].label, 3);
  EXPECT_EQ(suppress_by_class(boxes, 0.9f).size(), 3u);
  EXPECT_EQ(suppress_by_class(boxes, 0.5f, 1).size(), 1u);
}

TEST(Letterbox, PlacesAndMapsBack) {
  const Letterbox wide{720, 576, 320, 320};  // card 9
  EXPECT_EQ(wide.place(), (Letterbox::Place{0, 32, 320, 256}));
  const Letterbox l{200, 150, 128, 128};  // card 9: normalised centre (.5, .5), size (.25, .25)
  const Box back = l.to_picture({48, 48, 32, 32});
  EXPECT_NEAR(back.x, 75, 1e-4);
  EXPECT_NEAR(back.y, 50, 1e-4);
  EXPECT_NEAR(back.width, 50, 1e-4);
  EXPECT_NEAR(back.height, 50, 1e-4);
  const Box there = l.to_input(Box{75, 50, 50, 50});
  EXPECT_NEAR(there.x, 48, 1e-4);
  EXPECT_NEAR(there.height, 32, 1e-4);
  // A width of 39.4 is rounded down, and half of the rest is on the left.
  const Letterbox odd{100, 127, 50, 50};
  EXPECT_EQ(odd.place(), (Letterbox::Place{5, 0, 39, 50}));
  const Letterbox line{1000, 1, 100, 100};
  EXPECT_EQ(line.place(), (Letterbox::Place{0, 49, 100, 1}));
}

TEST(BoxDecoding, ACellIsWorkedByHand) {
  // Card 9: stride 8, gx 3, gy 2, raw (0.2, -0.1, 0.5, 0): centre and size (25.6, 15.2, 13.1898, 8).
  constexpr int kWidth = 5, kHeight = 4, kCells = kWidth * kHeight;
  constexpr std::size_t kClasses = 2;
  std::vector<float> values((5 + kClasses) * kCells, -20);
  const auto set = [&](std::size_t channel, float value) { values[channel * kCells + 2 * kWidth + 3] = value; };
  set(0, 0.2f), set(1, -0.1f), set(2, 0.5f), set(3, 0), set(4, 1), set(5, -1), set(6, 2);
  const std::vector<BoxGrid> levels{{values, kHeight, kWidth}};
  const auto boxes = decode_boxes(levels, {40, 32, kClasses});
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_NEAR(boxes[0].box.centre().x, 25.6, 1e-4);
  EXPECT_NEAR(boxes[0].box.centre().y, 15.2, 1e-4);
  EXPECT_NEAR(boxes[0].box.width, 13.1898, 1e-4);
  EXPECT_NEAR(boxes[0].box.height, 8, 1e-4);
  EXPECT_EQ(boxes[0].label, 1);
  EXPECT_NEAR(boxes[0].score, 0.731059 * 0.880797, 1e-5);
  EXPECT_NEAR(boxes[0].class_scores[0], 0.268941, 1e-5);
  set(2, 1000);  // no finite width
  EXPECT_TRUE(decode_boxes(levels, {40, 32, kClasses}).empty());
  EXPECT_THROW(decode_boxes(levels, {40, 32, 3}), Error);
}

TEST(Points68, MirroringTwiceChangesNothing) {
  const auto& table = mirrored_points68();
  for (std::size_t i = 0; i < table.size(); ++i) EXPECT_EQ(table[table[i]], i);
  // The table of card 4.1 (part-based).
  EXPECT_EQ(table[0], 16u);
  EXPECT_EQ(table[8], 8u);
  EXPECT_EQ(table[17], 26u);
  EXPECT_EQ(table[27], 27u);
  EXPECT_EQ(table[31], 35u);
  EXPECT_EQ(table[36], 45u);
  EXPECT_EQ(table[38], 43u);
  EXPECT_EQ(table[41], 46u);
  EXPECT_EQ(table[49], 53u);
  EXPECT_EQ(table[55], 59u);
  EXPECT_EQ(table[57], 57u);
  EXPECT_EQ(table[61], 63u);
  EXPECT_EQ(table[65], 67u);
}

}  // namespace
}  // namespace mien::face
