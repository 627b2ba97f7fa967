// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/one_per_face.h"

#include <gtest/gtest.h>

namespace mien::recognise {
namespace {

TEST(OnePerFace, OfBoxesOnOneFaceTheBestCountsWhateverItsClass) {
  const auto kept = one_per_face({{{0, 0, 10, 10}, 0.9f, 0},
                                  {{0, 0, 10, 8}, 0.8f, 1},      // 80 / 100 of the first
                                  {{20, 0, 10, 10}, 0.7f, 1},    // another face
                                  {{5, 0, 10, 10}, 0.6f, 2},     // 50 / 150: a neighbour
                                  {{20, 1, 10, 10}, 0.5f, 0}});  // 90 / 110 of the third
  ASSERT_EQ(kept.size(), 3u);
  EXPECT_EQ(kept[0].score, 0.9f);
  EXPECT_EQ(kept[1].score, 0.7f);
  EXPECT_EQ(kept[2].score, 0.6f);
  EXPECT_TRUE(one_per_face({}).empty());
}

}  // namespace
}  // namespace mien::recognise
