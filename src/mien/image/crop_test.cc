// SPDX-License-Identifier: Apache-2.0
#include "mien/image/crop.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/image/draw.h"
#include "mien/image/face_detector.h"
#include "support/temp_dir.h"

namespace mien::image {
namespace {

using face::Landmarks;
using face::Point;

/// Landmarks that `rule` maps to a crop whose top left corner is (x, y), with the given side and turn.
Landmarks landmarks_at(const face::CropRule& rule, float x, float y, float side, float turn_rad = 0) {
  const float a = side * std::cos(turn_rad), b = side * std::sin(turn_rad);
  const face::Similarity image_from_unit{a, b, x, y};
  auto at = [&](Point p) { return image_from_unit.apply(p); };
  const Point m = rule.mouth;
  return {at(rule.left_eye), at(rule.right_eye), at(rule.nose), at({m.x - 0.1f, m.y}), at({m.x + 0.1f, m.y})};
}

/// Red rises with x, green with y: value = coordinate of the pixel's centre × 2.
Image ramp(int side) {
  Image image(side, side, CV_8UC3);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      image.at<cv::Vec3b>(y, x) = {0, cv::saturate_cast<uchar>(2 * y + 1), cv::saturate_cast<uchar>(2 * x + 1)};
  return image;
}

TEST(Crop, UnturnedCropOfNaturalSizeIsTheExactWindow) {
  const Image image = ramp(100);
  const Crop crop = crop_face(image, landmarks_at({}, 20, 30, 48), {}, 48, 3);
  ASSERT_EQ(crop.pixels.size(), cv::Size(48, 48));
  EXPECT_NEAR(crop.face_side_px, 48, 0.01);
  EXPECT_EQ(crop.outside, 0);
  for (const int i : {0, 10, 47}) {  // red-green-blue
    EXPECT_NEAR(crop.pixels.at<cv::Vec3b>(5, i)[0], 2 * (20 + i) + 1, 1);
    EXPECT_NEAR(crop.pixels.at<cv::Vec3b>(i, 5)[1], 2 * (30 + i) + 1, 1);
  }
}

TEST(Crop, ShrinkingKeepsPixelCentresInPlace) {
  const Image image = ramp(120);
  const Crop crop = crop_face(image, landmarks_at({}, 10, 20, 96), {}, 48, 3);
  // Crop pixel i covers picture 10 + 2i .. 10 + 2i + 2, centre 10 + 2i + 1: value 2 (centre).
  EXPECT_NEAR(crop.pixels.at<cv::Vec3b>(0, 0)[0], 2 * 11, 1);
  EXPECT_NEAR(crop.pixels.at<cv::Vec3b>(0, 47)[0], 2 * (10 + 95), 1);
  EXPECT_NEAR(crop.pixels.at<cv::Vec3b>(47, 0)[1], 2 * (20 + 95), 1);
}

TEST(Crop, ShrinkingAveragesOverTheArea) {
  Image stripes(400, 400, CV_8UC3, cv::Scalar::all(0));
  for (int x = 0; x < 400; x += 2) stripes.col(x).setTo(cv::Scalar::all(255));
  const Crop crop = crop_face(stripes, landmarks_at({}, 8, 8, 384), {}, 48, 1);
  double low = 0, high = 0;
  cv::minMaxLoc(crop.pixels, &low, &high);
  EXPECT_GT(low, 110);
  EXPECT_LT(high, 145);
}

TEST(Crop, TurnedFaceComesOutUpright) {
  Image image(300, 300, CV_8UC3, cv::Scalar::all(0));
  const face::CropRule rule;
  const Landmarks turned = landmarks_at(rule, 150, 60, 100, 0.5f);
  for (const Point p : {turned.left_eye, turned.right_eye})
    cv::circle(image, {int(std::lround(p.x - 0.5f)), int(std::lround(p.y - 0.5f))}, 5, cv::Scalar::all(255),
               cv::FILLED);
  const Crop crop = crop_face(image, turned, rule, 100, 1);
  for (const Point eye : {rule.left_eye, rule.right_eye})
    EXPECT_GT(crop.pixels.at<uchar>(int(eye.y * 100), int(eye.x * 100)), 200);
  EXPECT_LT(crop.pixels.at<uchar>(90, 50), 10);
}

TEST(Crop, EdgesRepeatAndTheShareOutsideIsTold) {
  const Image image(60, 60, CV_8UC3, cv::Scalar(10, 20, 200));
  const Crop crop = crop_face(image, landmarks_at({}, -24, 0, 48), {}, 48, 1);
  EXPECT_NEAR(crop.outside, 0.5, 0.03);
  double low = 0, high = 0;
  cv::minMaxLoc(crop.pixels, &low, &high);
  EXPECT_EQ(low, high);
  EXPECT_EQ(low, std::round(0.114 * 10 + 0.587 * 20 + 0.299 * 200));  // ITU-R BT.601
}

TEST(Crop, WholePictureOfTheRightSizeIsUnchanged) {
  cv::Mat grey(48, 48, CV_8UC1), bgr;
  cv::randu(grey, 0, 256);
  cv::cvtColor(grey, bgr, cv::COLOR_GRAY2BGR);
  EXPECT_EQ(cv::countNonZero(crop_whole(bgr, 48, 1).pixels != grey), 0);
  EXPECT_EQ(crop_whole(ramp(120), 48, 3).pixels.size(), cv::Size(48, 48));
}

TEST(Crop, BoxCropIsTheSquareAboutItsCentre) {
  const Crop crop = crop_box(ramp(120), {30, 20, 40, 60}, 60, 3);  // square 20..80 × 20..80
  EXPECT_NEAR(crop.pixels.at<cv::Vec3b>(0, 0)[0], 2 * 20 + 1, 1);
  EXPECT_NEAR(crop.pixels.at<cv::Vec3b>(0, 0)[1], 2 * 20 + 1, 1);
  EXPECT_EQ(crop.outside, 0);
}

TEST(Crop, RefusesBadArguments) {
  const Image image = ramp(50);
  EXPECT_THROW(crop_face(image, {}, {}, 48, 1), Error);  // all landmarks coincide
  EXPECT_THROW(crop_face(image, landmarks_at({}, 0, 0, 40), {}, 0, 1), Error);
  EXPECT_THROW(crop_whole(image, 48, 2), Error);
  EXPECT_THROW(crop_whole(Image(), 48, 1), Error);
  EXPECT_THROW(crop_box(image, {1, 1, 0, 0}, 48, 1), Error);
}

TEST(FaceDetector, MainFaceIsTheLargestCredibleOne) {
  EXPECT_EQ(main_face({}), nullptr);
  const std::vector<face::Detection> faces = {
      {{0, 0, 10, 10}, 0.9f, {}}, {{0, 0, 30, 30}, 0.8f, {}}, {{0, 0, 90, 90}, 0.3f, {}}};
  EXPECT_EQ(main_face(faces), &faces[1]);
}

TEST(Draw, LabelsStayInsideAndFilesAreWhole) {
  const testing::TempDir dir;
  for (const cv::Size size : {cv::Size(40, 30), cv::Size(640, 480), cv::Size(3000, 200)}) {
    Image image(size, CV_8UC3, cv::Scalar::all(0));
    const face::Detection d{{-5, -5, float(size.width) + 10, float(size.height) + 10},
                            1,
                            Landmarks{{9, 9}, {12, 9}, {10, 12}, {9, 14}, {12, 14}}};
    draw_faces(image, {{d, "happiness 97 %"}, {d, "happiness 97 %"}});
    EXPECT_GT(cv::sum(image)[1], 0);
  }
  write_image(dir / "new/a.png", ramp(20));
  EXPECT_EQ(cv::norm(load_image(dir / "new/a.png"), ramp(20), cv::NORM_INF), 0);
  EXPECT_THROW(write_image(dir / "a.xyz", ramp(20)), Error);
  EXPECT_FALSE(std::filesystem::exists(dir / "a.xyz"));
}

}  // namespace
}  // namespace mien::image
