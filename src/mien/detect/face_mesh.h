// SPDX-License-Identifier: Apache-2.0
// MediaPipe's face mesh (Kartynnik et al. 2019, arXiv:1907.06724): 468 points of one face, which give finer
// landmarks than a detector.
#pragma once

#include <optional>
#include <vector>

#include "mien/face/geometry.h"
#include "mien/face/head_pose.h"
#include "mien/face/input_spec.h"
#include "mien/image/face_mesh_estimator.h"
#include "mien/image/image.h"
#include "mien/runtime/session.h"

namespace mien::detect {

class FaceMesh {
 public:
  explicit FaceMesh(const runtime::Model& model);

  struct Result {
    face::Landmarks landmarks;         ///< picture pixels; eyes are their centres
    float score = 0;                   ///< confidence that there is a face, 0..1
    std::vector<face::Point3> points;  ///< all 468, picture pixels; depths in the same unit
  };
  /// Below this score, the mesh does not see the detector's face; its points are then worse than none.
  static constexpr float kMinScore = 0.5f;
  /// The landmarks near the given rough ones; nothing if those coincide.
  std::optional<Result> refine(const image::Image& image, const face::Landmarks& rough);

  /// Position of the face in the network's input of 192 × 192 pixels.
  static face::CropRule input_rule();

 private:
  runtime::Session session_;
};

/// The mesh as an estimator of all points; nothing below FaceMesh::kMinScore.
class MeshEstimator final : public image::FaceMeshEstimator {
 public:
  explicit MeshEstimator(const runtime::Model& model) : mesh_(model) {}
  std::optional<std::vector<face::Point3>> estimate(const image::Image& image, const face::Landmarks& rough) override;

 private:
  FaceMesh mesh_;
};

}  // namespace mien::detect
