// SPDX-License-Identifier: Apache-2.0
// MediaPipe's face mesh (Kartynnik et al. 2019, arXiv:1907.06724): 468 points of one face, from which finer landmarks
// than a detector's are taken.
#pragma once

#include <optional>

#include "mien/face/geometry.h"
#include "mien/face/input_spec.h"
#include "mien/image/image.h"
#include "mien/runtime/session.h"

namespace mien::detect {

class FaceMesh {
 public:
  explicit FaceMesh(const runtime::Model& model);

  struct Result {
    face::Landmarks landmarks;  ///< picture pixels; eyes are their centres
    float score = 0;            ///< that there is a face, 0..1
  };
  /// The landmarks near the given rough ones; nothing where those coincide.
  std::optional<Result> refine(const image::Image& image, const face::Landmarks& rough);

  /// How the face lies in the network's input of 192 × 192 pixels.
  static face::CropRule input_rule();

 private:
  runtime::Session session_;
};

}  // namespace mien::detect
