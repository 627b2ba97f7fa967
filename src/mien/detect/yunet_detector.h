// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mien/detect/two_looks.h"
#include "mien/runtime/session.h"

namespace mien::detect {

/// YuNet: full size up to 960 pixels on the longer side, at most `long_side`, never below 320; the second
/// look is at 224 (docs/results/detectors.md).
class YunetDetector final : public TwoLookDetector {
 public:
  struct Options {
    float min_score = 0.5f;  ///< 0..1
    int long_side = 1280;    ///< pixels, the most; the cost grows with its square
  };
  /// One network, loaded with input_shape() and with second_input_shape(): a network of one size is faster, and a
  /// network of any size takes milliseconds to change its size.
  YunetDetector(const runtime::Model& any_size, const runtime::Model& second, Options options);
  std::string name() const override { return "yunet"; }

  static runtime::Shape input_shape() { return {1, 3, -1, -1}; }
  static runtime::Shape second_input_shape() { return {1, 3, kSecondSide, kSecondSide}; }

 private:
  static constexpr int kSecondSide = 224;  ///< pixels
  std::vector<face::Detection> first_look(const image::Image& image, double longer_side) override;
  std::vector<face::Detection> second_look(const image::Image& image, double first_side) override;
  std::vector<face::Detection> look(runtime::Session& session, const image::Image& image, cv::Size size);

  Options options_;
  runtime::Session any_size_, second_;
};

}  // namespace mien::detect
