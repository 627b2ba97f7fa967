// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mien/detect/two_looks.h"
#include "mien/runtime/session.h"

namespace mien::detect {

/// CenterFace: full size up to 640 pixels on the longer side, at most `long_side`, never below 320; the second
/// look is at half of that (docs/results/detectors.md).
class CenterFaceDetector final : public TwoLookDetector {
 public:
  struct Options {
    float min_score = 0.5f;  ///< 0..1
    int long_side = 960;     ///< pixels, the most; the cost grows with its square
  };
  /// `model` must accept (1, 3, any, any): load it with input_shape().
  CenterFaceDetector(const runtime::Model& model, Options options);
  std::string name() const override { return "centerface"; }

  static runtime::Shape input_shape() { return {1, 3, -1, -1}; }

 private:
  std::vector<face::Detection> first_look(const image::Image& image, double longer_side) override;
  std::vector<face::Detection> second_look(const image::Image& image, double first_side) override;

  Options options_;
  runtime::Session session_;
};

}  // namespace mien::detect
