// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/one_per_face.h"

#include <algorithm>

namespace mien::recognise {

std::vector<face::ScoredBox> one_per_face(std::vector<face::ScoredBox> boxes, float max_iou) {
  std::vector<face::ScoredBox> kept;
  for (face::ScoredBox& candidate : boxes) {
    const bool is_covered = std::any_of(kept.begin(), kept.end(), [&](const face::ScoredBox& better) {
      return face::iou(better.box, candidate.box) > max_iou;
    });
    if (!is_covered) kept.push_back(std::move(candidate));
  }
  return kept;
}

}  // namespace mien::recognise
