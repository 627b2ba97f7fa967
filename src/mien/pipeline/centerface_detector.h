// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mien/runtime/session.h"
#include "mien/vision/face_detector.h"

namespace mien::pipeline {

/// CenterFace on the picture scaled so that its longer side has `long_side` pixels (never enlarged more than twofold).
class CenterFaceDetector final : public vision::FaceDetector {
 public:
  struct Options {
    float min_score = 0.5f;  ///< 0..1
    int long_side = 640;     ///< pixels; the cost grows with its square
  };
  /// `model` must accept (1, 3, any, any): load it with input_shape().
  CenterFaceDetector(const runtime::Model& model, Options options);
  std::vector<face::Detection> detect(const vision::Image& image) override;
  std::string name() const override { return "centerface"; }

  static runtime::Shape input_shape() { return {1, 3, -1, -1}; }

 private:
  Options options_;
  runtime::Session session_;
};

}  // namespace mien::pipeline
