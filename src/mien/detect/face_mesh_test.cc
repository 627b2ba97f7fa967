// SPDX-License-Identifier: Apache-2.0
// The fetched network on the sample portrait; its positions were read off the picture by eye.
#include "mien/detect/face_mesh.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/image/image.h"
#include "mien/runtime/assets.h"

namespace mien::detect {
namespace {

constexpr face::Landmarks kRough{{202, 101}, {248, 103}, {224, 126}, {202, 140}, {246, 141}};

class Mesh : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      portrait_ = image::load_image(runtime::require_asset("samples/astronaut.png"));
      runtime::ModelOptions options;
      options.threads = 1;
      estimator_.emplace(runtime::Model::load(runtime::require_asset("models/face_mesh.tflite"), options));
    } catch (const Error& error) {
      GTEST_SKIP() << error.message() << " " << error.remedy();
    }
  }
  std::vector<face::Point3> points(const image::Image& picture, const face::Landmarks& rough) {
    const auto mesh = estimator_->estimate(picture, rough);
    EXPECT_TRUE(mesh.has_value());
    return mesh.value_or(std::vector<face::Point3>(face::kNumMeshPoints));
  }
  image::Image portrait_;
  std::optional<MeshEstimator> estimator_;
};

TEST_F(Mesh, GivesAllPointsAndThe68OfTheMarkupAreWhereTheyBelong) {
  const auto mesh = points(portrait_, kRough);
  ASSERT_EQ(mesh.size(), face::kNumMeshPoints);
  const auto p = face::points68_of(mesh);
  const auto near = [](face::Point point, face::Point expected, float most) {
    return std::hypot(point.x - expected.x, point.y - expected.y) <= most;
  };
  const auto centre = [&](std::size_t first) {  // of the six points around an eye
    face::Point sum{0, 0};
    for (std::size_t i = first; i < first + 6; ++i) sum = {sum.x + p[i].x / 6, sum.y + p[i].y / 6};
    return sum;
  };
  EXPECT_TRUE(near(centre(36), kRough.left_eye, 4));
  EXPECT_TRUE(near(centre(42), kRough.right_eye, 4));
  EXPECT_TRUE(near(p[30], kRough.nose, 5));
  EXPECT_TRUE(near(p[48], kRough.left_mouth, 5));
  EXPECT_TRUE(near(p[54], kRough.right_mouth, 5));
  EXPECT_TRUE(near(p[8], {224, 176}, 8));                                       // chin
  for (std::size_t i = 0; i < 16; ++i) EXPECT_LT(p[i].x, p[i + 1].x + 1) << i;  // the jaw runs from left to right
  for (const auto& [brow, lid] : {std::pair{19, 37}, {24, 44}})
    EXPECT_LT(p[static_cast<std::size_t>(brow)].y, p[static_cast<std::size_t>(lid)].y - 5);
  EXPECT_LT(p[51].y, p[57].y);  // upper and lower lip
}

TEST_F(Mesh, MirroringThePictureMirrorsPointsAndTurnsTheYaw) {
  const auto plain = points(portrait_, kRough);
  image::Image mirrored;
  cv::flip(portrait_, mirrored, 1);
  const auto across = [&](face::Point p) { return face::Point{static_cast<float>(portrait_.cols) - p.x, p.y}; };
  const auto other = points(mirrored, {across(kRough.right_eye), across(kRough.left_eye), across(kRough.nose),
                                       across(kRough.right_mouth), across(kRough.left_mouth)});
  const auto a = face::points68_of(plain), b = face::points68_of(other);
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const face::Point back = across(b[face::mirrored_points68()[i]]);
    worst = std::max<double>(worst, std::hypot(back.x - a[i].x, back.y - a[i].y));
  }
  const auto pose = face::head_pose(plain), mirrored_pose = face::head_pose(other);
  EXPECT_LT(worst, 4);  // of a face that is 90 pixels wide
  EXPECT_NEAR(mirrored_pose.yaw, -pose.yaw, 3);
  EXPECT_NEAR(mirrored_pose.pitch, pose.pitch, 3);
}

TEST_F(Mesh, TurningThePictureInItsPlaneKeepsYawAndPitch) {
  const auto pose = face::head_pose(points(portrait_, kRough));
  const cv::Mat turn = cv::getRotationMatrix2D({229, 128}, 20, 1);
  image::Image turned;
  cv::warpAffine(portrait_, turned, turn, portrait_.size());
  const auto moved = [&](face::Point p) {
    const auto along = [&](int row) {
      return static_cast<float>(turn.at<double>(row, 0) * p.x + turn.at<double>(row, 1) * p.y +
                                turn.at<double>(row, 2));
    };
    return face::Point{along(0), along(1)};
  };
  const auto other =
      face::head_pose(points(turned, {moved(kRough.left_eye), moved(kRough.right_eye), moved(kRough.nose),
                                      moved(kRough.left_mouth), moved(kRough.right_mouth)}));
  EXPECT_NEAR(other.yaw, pose.yaw, 3);
  EXPECT_NEAR(other.pitch, pose.pitch, 3);
}

TEST_F(Mesh, SeesNoFaceInAFlatPicture) {
  EXPECT_FALSE(estimator_->estimate(image::Image(512, 512, CV_8UC3, cv::Scalar::all(128)), kRough));
}

}  // namespace
}  // namespace mien::detect
