// SPDX-License-Identifier: Apache-2.0
#include "mien/image/face_detector.h"

namespace mien::image {

const face::Detection* main_face(const std::vector<face::Detection>& detections) {
  float best_score = 0;
  for (const auto& d : detections) best_score = std::max(best_score, d.score);
  const face::Detection* best = nullptr;
  for (const auto& d : detections)
    if (d.score >= best_score / 2 && (!best || d.box.area() > best->box.area())) best = &d;
  return best;
}

}  // namespace mien::image
