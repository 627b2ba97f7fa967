// SPDX-License-Identifier: Apache-2.0
// face/clahe.h against OpenCV, which the folder face may not use.
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "mien/base/random.h"
#include "mien/face/clahe.h"

namespace mien::image {
namespace {

cv::Mat random_picture(int width, int height, std::uint64_t seed) {
  Random random(seed);
  cv::Mat picture(height, width, CV_8UC1);
  // A ramp with noise: tiles differ, and so do the bins that the limit cuts.
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      picture.at<std::uint8_t>(y, x) =
          static_cast<std::uint8_t>((x * 150 / width + y * 60 / height + static_cast<int>(random.below(46))) % 256);
  return picture;
}

/// Number of pixels that differ from OpenCV's.
int differences(cv::Mat picture, const face::ClaheRule& rule) {
  cv::Mat expected;
  cv::createCLAHE(rule.clip_limit, {rule.tiles, rule.tiles})->apply(picture, expected);
  face::equalise({picture.data, picture.total()}, picture.cols, picture.rows, rule);
  return cv::countNonZero(picture != expected);
}

TEST(Clahe, IsOpenCvsForEverySizeFrom48To320) {
  for (int side = 48; side <= 320; ++side)
    EXPECT_EQ(differences(random_picture(side, side, static_cast<std::uint64_t>(side)), {}), 0) << side;
}

TEST(Clahe, IsOpenCvsForOtherShapesAndRules) {
  EXPECT_EQ(differences(random_picture(64, 100, 1), {}), 0);  // one side needs no border, so both get one
  EXPECT_EQ(differences(random_picture(173, 96, 2), {}), 0);
  EXPECT_EQ(differences(random_picture(120, 90, 3), {4, 4}), 0);
  EXPECT_EQ(differences(random_picture(50, 50, 4), {0.5, 3}), 0);
  EXPECT_EQ(differences(cv::Mat(60, 60, CV_8UC1, cv::Scalar(77)), {}), 0);
  // The picture of card 4.1 (part-based): a ramp of 304 pixels.
  cv::Mat ramp(304, 304, CV_8UC1);
  for (int y = 0; y < 304; ++y)
    for (int x = 0; x < 304; ++x) ramp.at<std::uint8_t>(y, x) = static_cast<std::uint8_t>(x * 255 / 303);
  EXPECT_EQ(differences(ramp, {}), 0);
}

}  // namespace
}  // namespace mien::image
