// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mien/image/face_detector.h"
#include "mien/runtime/session.h"

namespace mien::detect {

/// CenterFace on the picture at its own size up to 640 pixels on the longer side, at half its size up to `long_side`
/// beyond, never below 320. It misses faces that fill a picture, or detects parts of them as faces, so if nothing or
/// something large is found, a second pass runs at half the size (docs/results/detectors.md).
class CenterFaceDetector final : public image::FaceDetector {
 public:
  struct Options {
    float min_score = 0.5f;  ///< 0..1
    int long_side = 960;     ///< pixels, the most; the cost grows with its square
  };
  /// `model` must accept (1, 3, any, any): load it with input_shape().
  CenterFaceDetector(const runtime::Model& model, Options options);
  std::vector<face::Detection> detect(const image::Image& image) override;
  float smallest_face_px(const image::Image& image) const override;
  std::string name() const override { return "centerface"; }

  static runtime::Shape input_shape() { return {1, 3, -1, -1}; }

 private:
  double first_side(const image::Image& image) const;  ///< longer side of the network's input
  std::vector<face::Detection> detect_at(const image::Image& image, double longer_side);

  Options options_;
  runtime::Session session_;
};

}  // namespace mien::detect
