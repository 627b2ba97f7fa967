// SPDX-License-Identifier: Apache-2.0
// Interface for the 468 points of a face. The network is in detect/, so that dataset can get one without knowing
// a runtime.
#pragma once

#include <optional>
#include <vector>

#include "mien/face/head_pose.h"
#include "mien/image/image.h"

namespace mien::image {

class FaceMeshEstimator {
 public:
  virtual ~FaceMeshEstimator() = default;
  /// The points of face/head_pose.h near the rough landmarks, in pixels of `image`; nothing if no face is seen. Not
  /// thread-safe: one object per thread.
  virtual std::optional<std::vector<face::Point3>> estimate(const Image& image, const face::Landmarks& rough) = 0;
};

}  // namespace mien::image
