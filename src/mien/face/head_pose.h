// SPDX-License-Identifier: Apache-2.0
// Points and angles of a head from the 468 points of MediaPipe's face mesh (detect/face_mesh.h).
#pragma once

#include <array>
#include <span>
#include <vector>

#include "mien/face/geometry.h"
#include "mien/face/points68.h"

namespace mien::face {

inline constexpr std::size_t kNumMeshPoints = 468;

/// A point of the mesh: x right, y down, z away from the camera, all in one unit.
struct Point3 {
  float x = 0, y = 0, z = 0;
};

/// The mesh point for each of the 68 points (face/points68.h). Checked on overlay pictures: jaw at equal distances
/// along the face's oval from eye level to chin, brows on the hair, nose bridge from between the eyes to the tip.
const std::array<std::size_t, kNumPoints68>& mesh_points68();

/// The 68 of the 468 points. Throws bad_input for another number.
std::vector<Point> points68_of(std::span<const Point3> mesh);

struct HeadPose {
  float yaw = 0;    ///< degrees, -90..90, positive: the face turns to the picture's right
  float pitch = 0;  ///< degrees, -90..90, positive: the face looks up
};

/// The angles, independent of the roll in the picture plane. The face's horizontal axis runs through five pairs of
/// points, the vertical axis from forehead to chin: at a pitch of 0 both are at the same depth. Throws bad_input for
/// another number of points.
HeadPose head_pose(std::span<const Point3> mesh);

}  // namespace mien::face
