// SPDX-License-Identifier: Apache-2.0
#include "mien/face/head_pose.h"

#include <fmt/core.h>

#include <cmath>
#include <numbers>
#include <utility>

#include "mien/base/error.h"

namespace mien::face {
namespace {

// Mesh points; left and right as the viewer sees them.
constexpr std::array<std::pair<std::size_t, std::size_t>, 5> kPairs = {
    {{33, 263}, {133, 362}, {61, 291}, {234, 454}, {127, 356}}};  // eye corners, mouth corners, ears, temples
constexpr std::array<std::size_t, 3> kForehead = {10, 67, 297};
constexpr std::array<std::size_t, 3> kChin = {152, 176, 400};

struct Vector {
  double x = 0, y = 0, z = 0;
};

void add(Vector& sum, const Point3& p, double sign) {
  sum.x += sign * p.x;
  sum.y += sign * p.y;
  sum.z += sign * p.z;
}

void check_count(std::span<const Point3> mesh) {
  check_input(mesh.size() == kNumMeshPoints,
              fmt::format("A face mesh of {} points, expected {}.", mesh.size(), kNumMeshPoints));
}

float degrees(double radians) { return static_cast<float>(radians * 180 / std::numbers::pi); }

}  // namespace

const std::array<std::size_t, kNumPoints68>& mesh_points68() {
  static constexpr std::array<std::size_t, kNumPoints68> kMap = {
      127, 234, 132, 58,  172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 361, 454, 356,  // jaw
      46,  53,  52,  65,  55,  285, 295, 282, 283, 276,                                     // brows
      168, 197, 5,   1,   98,  97,  2,   326, 327,                                          // nose
      33,  160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,                           // eyes
      61,  40,  37,  0,   267, 270, 291, 321, 314, 17,  84,  91,                            // outer lips
      78,  81,  13,  311, 308, 402, 14,  178};                                              // inner lips
  return kMap;
}

std::vector<Point> points68_of(std::span<const Point3> mesh) {
  check_count(mesh);
  std::vector<Point> out;
  for (const std::size_t i : mesh_points68()) out.push_back({mesh[i].x, mesh[i].y});
  return out;
}

HeadPose head_pose(std::span<const Point3> mesh) {
  check_count(mesh);
  Vector across, down;
  for (const auto& [left, right] : kPairs) {
    add(across, mesh[right], 1);
    add(across, mesh[left], -1);
  }
  for (const std::size_t i : kChin) add(down, mesh[i], 1);
  for (const std::size_t i : kForehead) add(down, mesh[i], -1);
  // Head = roll · yaw · pitch: undo roll and yaw, which the horizontal axis gives; the remaining angle of the vertical
  // axis is the pitch.
  const double roll = std::atan2(across.y, across.x);
  const double yaw = std::atan2(across.z, std::hypot(across.x, across.y));
  const double upright_x = std::cos(roll) * down.x + std::sin(roll) * down.y;
  const double upright_y = std::cos(roll) * down.y - std::sin(roll) * down.x;
  const double frontal_z = std::cos(yaw) * down.z - std::sin(yaw) * upright_x;
  return {degrees(yaw), degrees(std::atan2(-frontal_z, std::abs(upright_y)))};
}

}  // namespace mien::face
