// SPDX-License-Identifier: Apache-2.0
// Three detectors, each slower than the one before and run only if that one is not sure.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mien/image/face_detector.h"

namespace mien::detect {

/// When a quick first look is enough: one face that fills much of the picture, and no hint of another one.
struct GlanceRule {
  float sure_score;   ///< the face's score is at least this
  float large_share;  ///< the longer side of its box is at least this share of the picture's longer side
};

/// The face that makes further looks unnecessary, if there is one. `faces` must include those with scores so low
/// that they are only hints.
std::optional<face::Detection> only_face(const std::vector<face::Detection>& faces, const image::Image& image,
                                         GlanceRule rule);

/// Faces are accepted from only the fast detector if it found one and all of its scores are at least `sure_score`.
bool is_sure(const std::vector<face::Detection>& faces, float sure_score);

/// The faces of the accurate detector, and the sure ones of the fast detector that the accurate one missed, best
/// score first.
std::vector<face::Detection> merge_detectors(const std::vector<face::Detection>& fast,
                                             std::vector<face::Detection> accurate, float sure_score);

class AdaptiveDetector final : public image::FaceDetector {
 public:
  using Make = std::function<std::unique_ptr<image::FaceDetector>()>;

  /// `glance` must return faces down to low scores, as hints. `make_accurate` is called at the first
  /// picture that needs the accurate detector.
  AdaptiveDetector(std::unique_ptr<image::FaceDetector> glance, std::unique_ptr<image::FaceDetector> fast,
                   Make make_accurate, GlanceRule rule);
  std::vector<face::Detection> detect(const image::Image& image) override;
  /// The size for the accurate detector, once a picture has needed it (as a picture without faces does).
  float smallest_face_px(const image::Image& image) const override;
  std::string name() const override { return "adaptive"; }

 private:
  std::unique_ptr<image::FaceDetector> glance_, fast_, accurate_;
  Make make_accurate_;
  GlanceRule rule_;
};

}  // namespace mien::detect
