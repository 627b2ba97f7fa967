// SPDX-License-Identifier: Apache-2.0
#include "mien/score/principal_plane.h"

#include <gtest/gtest.h>

namespace mien::score {
namespace {

TEST(PrincipalPlane, TheTwoDirectionsOfLargestVariance) {
  // Variance 8 along (1,1,0)/√2, 2 along (1,-1,0)/√2, 0.5 along the third axis; mean (5, 5, 5).
  const float s = 0.70710678f;
  const std::vector<float> rows{5 + 4 * s, 5 + 4 * s, 5, 5 - 4 * s, 5 - 4 * s, 5, 5 + 2 * s, 5 - 2 * s, 5,
                                5 - 2 * s, 5 + 2 * s, 5, 5,         5,         6, 5,         5,         4};
  const auto plane = principal_plane(rows, 3);
  ASSERT_EQ(plane.x.size(), 6u);
  EXPECT_NEAR(plane.x[0], 4, 1e-5);
  EXPECT_NEAR(plane.x[1], -4, 1e-5);
  EXPECT_NEAR(std::abs(plane.y[2]), 2, 1e-5);
  EXPECT_NEAR(plane.y[2], -plane.y[3], 1e-5);
  EXPECT_NEAR(plane.x[4], 0, 1e-5);
  EXPECT_NEAR(plane.y[4], 0, 1e-5);
  EXPECT_NEAR(plane.share_x, 32.0 / 42, 1e-6);
  EXPECT_NEAR(plane.share_y, 8.0 / 42, 1e-6);
}

TEST(PrincipalPlane, OneDirectionNoneAndNoRow) {
  const std::vector<float> line{0, 0, 1, 2, 2, 4}, flat{3, 3, 3, 3};
  const auto on_line = principal_plane(line, 2);
  EXPECT_NEAR(on_line.share_x, 1, 1e-9);
  EXPECT_NEAR(on_line.share_y, 0, 1e-9);
  EXPECT_NEAR(on_line.y[2], 0, 1e-6);
  const auto same = principal_plane(flat, 2);
  EXPECT_EQ(same.x, (std::vector<double>{0, 0}));
  EXPECT_EQ(same.share_x, 0);
  EXPECT_TRUE(principal_plane({}, 3).x.empty());
}

}  // namespace
}  // namespace mien::score
