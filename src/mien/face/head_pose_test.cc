// SPDX-License-Identifier: Apache-2.0
// Generated faces, turned by known angles.
#include "mien/face/head_pose.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <set>

#include "mien/base/error.h"

namespace mien::face {
namespace {

/// A frontal face: all points are at the nose, except those that define the axes and their mirror images.
std::vector<Point3> frontal() {
  std::vector<Point3> mesh(kNumMeshPoints, {0, 10, -40});
  const auto pair = [&](std::size_t left, std::size_t right, float x, float y, float z) {
    mesh[left] = {-x, y, z};
    mesh[right] = {x, y, z};
  };
  pair(33, 263, 45, -20, 5);
  pair(133, 362, 18, -18, 0);
  pair(61, 291, 25, 45, -5);
  pair(234, 454, 70, 0, 60);
  pair(127, 356, 68, -20, 55);
  mesh[10] = {0, -90, 0};
  pair(67, 297, 20, -85, 3);
  mesh[152] = {0, 90, 0};
  pair(176, 400, 20, 85, 3);
  return mesh;
}

/// Pitch about the x axis first, then yaw about y, then roll in the picture plane; degrees, positive as in HeadPose,
/// roll clockwise on the screen.
std::vector<Point3> turned(std::vector<Point3> mesh, double yaw, double pitch, double roll) {
  const auto rad = [](double degrees) { return degrees * std::numbers::pi / 180; };
  const double cp = std::cos(rad(pitch)), sp = std::sin(rad(pitch)), cy = std::cos(rad(yaw)), sy = std::sin(rad(yaw)),
               cr = std::cos(rad(roll)), sr = std::sin(rad(roll));
  for (Point3& p : mesh) {
    // Looking up brings the chin (positive y) to the camera (negative z).
    const double y = cp * p.y + sp * p.z, z = cp * p.z - sp * p.y;
    // Turning to the picture's right brings its left side (negative x) to the camera and the nose (negative z) to the
    // right.
    const double x = cy * p.x - sy * z, depth = sy * p.x + cy * z;
    p = {static_cast<float>(cr * x - sr * y), static_cast<float>(sr * x + cr * y), static_cast<float>(depth)};
  }
  return mesh;
}

TEST(HeadPose, FindsTheAnglesOfTurnedFaces) {
  for (const double yaw : {-75.0, -30.0, -1.0, 0.0, 20.0, 60.0})
    for (const double pitch : {-40.0, 0.0, 25.0})
      for (const double roll : {-35.0, 0.0, 15.0}) {
        const HeadPose pose = head_pose(turned(frontal(), yaw, pitch, roll));
        EXPECT_NEAR(pose.yaw, yaw, 0.01) << yaw << " " << pitch << " " << roll;
        EXPECT_NEAR(pose.pitch, pitch, 0.01) << yaw << " " << pitch << " " << roll;
      }
}

TEST(HeadPose, SignsAreThoseOfTheNose) {
  EXPECT_GT(turned(frontal(), 30, 0, 0)[1].x, 0);               // the nose goes to the picture's right
  EXPECT_LT(turned(frontal(), 0, 30, 0)[1].y, frontal()[1].y);  // and up
  EXPECT_EQ(head_pose(frontal()).yaw, 0);
  EXPECT_THROW(head_pose(std::vector<Point3>(5)), Error);
}

TEST(MeshPoints68, AreDifferentAndMirrorEachOther) {
  const auto& map = mesh_points68();
  EXPECT_EQ(std::set<std::size_t>(map.begin(), map.end()).size(), kNumPoints68);
  for (const std::size_t i : map) EXPECT_LT(i, kNumMeshPoints);
  // The pairs that the axes use are mirror images in the markup, too.
  EXPECT_EQ(map[36], 33u);
  EXPECT_EQ(map[mirrored_points68()[36]], 263u);
  EXPECT_EQ(map[48], 61u);
  EXPECT_EQ(map[mirrored_points68()[48]], 291u);
  EXPECT_EQ(map[8], 152u);
  auto mesh = frontal();
  mesh[152] = {3, 4, 5};
  EXPECT_EQ(points68_of(mesh)[8], (Point{3, 4}));
}

}  // namespace
}  // namespace mien::face
