// SPDX-License-Identifier: Apache-2.0
#include "mien/image/whole_picture.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/image/bicubic.h"

namespace mien::image {
namespace {

cv::Mat pattern() {
  cv::Mat out(5, 7, CV_8UC3);
  for (int i = 0; i < 5 * 7 * 3; ++i) out.data[i] = static_cast<std::uint8_t>(i * 37 % 256);
  return out;
}

/// Sum of all values, each times its position from 1 on.
std::int64_t weighted_sum(const cv::Mat& m) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < m.total() * m.elemSize(); ++i) sum += static_cast<std::int64_t>(i + 1) * m.data[i];
  return sum;
}

TEST(Bicubic, IsPillowsToTheByte) {
  // Pillow 13: Image.fromarray(pattern).resize(size, Image.BICUBIC), all values by their weighted sum.
  EXPECT_EQ(weighted_sum(resize_bicubic(pattern(), 3, 2)), 22494);
  EXPECT_EQ(weighted_sum(resize_bicubic(pattern(), 11, 9)), 5645580);
  EXPECT_EQ(weighted_sum(resize_bicubic(pattern(), 7, 4)), 462854);
  EXPECT_EQ(weighted_sum(resize_bicubic(pattern(), 7, 5)), weighted_sum(pattern()));
}

TEST(WholePicture, LiesBetweenGreyBorders) {
  const Image picture(576, 720, CV_8UC3, cv::Scalar(10, 20, 30));
  const auto out = fit_whole(picture, 320, 320, 3);  // card 9: 320 × 256 at (0, 32)
  EXPECT_EQ(out.pixels.at<cv::Vec3b>(31, 5), cv::Vec3b(128, 128, 128));
  EXPECT_EQ(out.pixels.at<cv::Vec3b>(32, 5), cv::Vec3b(30, 20, 10));  // red first
  EXPECT_EQ(out.pixels.at<cv::Vec3b>(287, 5), cv::Vec3b(30, 20, 10));
  EXPECT_EQ(out.pixels.at<cv::Vec3b>(288, 5), cv::Vec3b(128, 128, 128));
  const auto grey = fit_whole(picture, 720, 600, 1);
  EXPECT_EQ(grey.pixels.type(), CV_8UC1);
  EXPECT_EQ(grey.pixels.at<std::uint8_t>(12, 0), 22);  // 0.299·30 + 0.587·20 + 0.114·10
  EXPECT_THROW(fit_whole(picture, 0, 320, 3), Error);
  EXPECT_THROW(fit_whole(picture, 320, 320, 2), Error);
}

}  // namespace
}  // namespace mien::image
