// SPDX-License-Identifier: Apache-2.0
// A fast detector first; an accurate one where the fast one is not sure.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mien/image/face_detector.h"

namespace mien::detect {

/// Faces are accepted from the fast detector alone if it found one and all of its scores are at least `sure_score`.
bool is_sure(const std::vector<face::Detection>& faces, float sure_score);

/// The faces of the accurate detector, and those of the fast one that are sure and that the accurate one missed, best
/// score first.
std::vector<face::Detection> merge_detectors(const std::vector<face::Detection>& fast,
                                             std::vector<face::Detection> accurate, float sure_score);

class AdaptiveDetector final : public image::FaceDetector {
 public:
  using Make = std::function<std::unique_ptr<image::FaceDetector>()>;

  /// `make_accurate` is called at the first picture that needs the accurate detector.
  AdaptiveDetector(std::unique_ptr<image::FaceDetector> fast, Make make_accurate, float sure_score);
  std::vector<face::Detection> detect(const image::Image& image) override;
  /// Of the accurate detector, once a picture has needed it: a picture without faces does.
  float smallest_face_px(const image::Image& image) const override;
  std::string name() const override { return "adaptive"; }

 private:
  std::unique_ptr<image::FaceDetector> fast_, accurate_;
  Make make_accurate_;
  float sure_score_;
};

}  // namespace mien::detect
