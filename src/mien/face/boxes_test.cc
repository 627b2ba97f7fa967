// SPDX-License-Identifier: Apache-2.0
#include "mien/face/boxes.h"

#include <gtest/gtest.h>

#include <cmath>

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
