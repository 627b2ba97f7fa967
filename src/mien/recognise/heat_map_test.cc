// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/heat_map.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"

namespace mien::recognise {
namespace {

// Cells centred on pixels 0 and 32 of 64: the middle between them is at pixel 16, a quarter of the side.
TEST(HeatMap, LiesWhereTheCardSays) {
  const face::OutputSpec spec{"class_maps", "", "real", 32, 0.5f};
  const CellAxis axis = cell_axis(spec, 2, 64);
  EXPECT_NEAR(axis.centre(0), 0.5 / 64, 1e-9);
  EXPECT_NEAR(axis.centre(1), 32.5 / 64, 1e-9);
  const std::vector<float> cells{0, 8, 0, 8};
  const cv::Mat field = enlarge(cells, axis, axis, 64);
  EXPECT_EQ(field.at<float>(5, 0), 0);    // pixel 0 is the first cell's centre
  EXPECT_EQ(field.at<float>(5, 16), 4);   // half way
  EXPECT_EQ(field.at<float>(5, 32), 8);   // the second cell's centre
  EXPECT_EQ(field.at<float>(63, 63), 8);  // beyond it: its value continues
  // A card that says nothing: cells share the side evenly, centres at a quarter and three quarters.
  const CellAxis even = cell_axis({"class_maps", "", "real"}, 2, 64);
  EXPECT_NEAR(even.centre(0), 0.25, 1e-9);
  EXPECT_NEAR(enlarge(cells, even, even, 64).at<float>(0, 31), 4, 0.2);
  EXPECT_THROW(enlarge(cells, axis, CellAxis{3, 0, 1}, 64), Error);
}

TEST(HeatMap, RowsAndColumnsAreNotMixedUp) {
  const std::vector<float> cells{1, 2, 3, 4, 5, 6};  // two rows of three
  const cv::Mat field = enlarge(cells, even_axis(2), even_axis(3), 60);
  EXPECT_EQ(field.at<float>(0, 0), 1);
  EXPECT_EQ(field.at<float>(0, 59), 3);
  EXPECT_EQ(field.at<float>(59, 0), 4);
  EXPECT_NEAR(field.at<float>(0, 29), 2, 0.05);
}

TEST(HeatMap, ColoursTellSigns) {
  const Scale scale = scale_of(std::vector<float>{-1, 0, 4});
  EXPECT_TRUE(scale.is_signed());
  EXPECT_EQ(scale.low, -4);
  EXPECT_EQ(scale.high, 4);
  const Scale plain = scale_of(std::vector<float>{3, 9});
  EXPECT_EQ(plain.low, 3);
  EXPECT_EQ(plain.high, 9);
  EXPECT_EQ(scale_of(std::vector<float>{0, 0.01f}, 0.05).high, 0.05);
  const cv::Mat view(1, 3, CV_8UC3, cv::Scalar(0, 200, 0));
  const cv::Mat field = (cv::Mat_<float>(1, 3) << -4, 0, 4);
  const cv::Mat painted = paint(view, field, scale);
  const auto cold = painted.at<cv::Vec3b>(0, 0), none = painted.at<cv::Vec3b>(0, 1), warm = painted.at<cv::Vec3b>(0, 2);
  EXPECT_GT(cold[0], cold[2] + 30);
  EXPECT_GT(warm[2], warm[0] + 30);
  EXPECT_EQ(none[0], none[2]);  // grey
  EXPECT_THROW(paint(view, cv::Mat(2, 2, CV_32F), scale), Error);
}

}  // namespace
}  // namespace mien::recognise
