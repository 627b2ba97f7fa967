// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/made_picture.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/recognise/inversion.h"

namespace mien::recognise {
namespace {

face::InputSpec half() {
  face::InputSpec input;
  input.mean = {0.5f, 0.5f, 0.5f};
  input.std = {0.5f, 0.5f, 0.5f};
  return input;
}

TEST(MadePicture, ColoursByHand) {
  // Red -1 and 1, green 0 and 0, blue 1 and 9 (too much).
  const runtime::OutputMaps values{"reconstruction", {3, 1, 2}, {-1, 1, 0, 0, 1, 9}};
  const cv::Mat picture = made_picture(values, half());
  ASSERT_EQ(picture.size(), cv::Size(2, 1));
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 0), cv::Vec3b(255, 128, 0));
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 1), cv::Vec3b(255, 128, 255));
}

TEST(MadePicture, GreyBecomesThreeEqualChannels) {
  face::InputSpec input;
  input.mean = {0.25f};
  input.std = {0.5f};
  const cv::Mat picture = made_picture({"reconstruction", {1, 1, 1}, {0.5f}}, input);
  EXPECT_EQ(picture.at<cv::Vec3b>(0, 0), cv::Vec3b(128, 128, 128));
}

TEST(MadePicture, AnotherShapeIsRefused) {
  EXPECT_THROW(made_picture({"codes", {2, 1, 1}, {0, 0}}, half()), Error);
  EXPECT_THROW(made_picture({"codes", {3, 1}, {0, 0, 0}}, half()), Error);
}

TEST(Strip, PutsPicturesSideBySide) {
  const cv::Mat row = strip({cv::Mat(2, 3, CV_8UC3, cv::Scalar::all(1)), cv::Mat(2, 3, CV_8UC3, cv::Scalar::all(2))});
  EXPECT_EQ(row.size(), cv::Size(6, 2));
  EXPECT_EQ(row.at<cv::Vec3b>(1, 5)[0], 2);
}

}  // namespace
}  // namespace mien::recognise
