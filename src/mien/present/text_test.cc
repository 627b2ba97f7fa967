// SPDX-License-Identifier: Apache-2.0
#include "mien/present/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/core.hpp>

namespace mien::present {
namespace {

using ::testing::HasSubstr;

TEST(Text, IsDrawnMeasuredAndShortened) {
  const TextStyle style{20, false, {0, 0, 0}};
  EXPECT_GT(text_width("mmmm", style), 2 * text_width("iiii", style));
  cv::Mat image(40, 200, CV_8UC3, cv::Scalar::all(255));
  draw_text(image, 4, 28, "Fear", style);
  double least = 0;
  cv::minMaxIdx(image, &least, nullptr);
  EXPECT_LT(least, 60);
  EXPECT_EQ(cv::countNonZero(image.colRange(100, 200).reshape(1) != 255), 0);
  draw_text(image, -30, 2, "cut off at every side of the picture, and more than it holds", {60, true});  // no crash
  const std::string name = "ünïcödé-ünïcödé-ünïcödé.jpg", cut = shortened(name, style, 120);
  EXPECT_LE(text_width(cut, style), 120);
  EXPECT_THAT(cut, HasSubstr("…"));
  EXPECT_EQ(shortened(name, style, 1000), name);
  EXPECT_EQ(shortened("\xff\xfe", style, 1000), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(shortened("한", style, 1000), "한");
}

}  // namespace
}  // namespace mien::present
