// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mien/detect/two_looks.h"
#include "mien/runtime/session.h"

namespace mien::detect {

struct YunetOptions {
  float min_score = 0.5f;  ///< 0..1
  int long_side = 1280;    ///< pixels, the most; the cost grows with its square
};

/// One network in two forms: a network of one size is faster, and a network of any size takes milliseconds to change
/// its size.
class YunetNetwork {
 public:
  static constexpr int kFixedSide = 224;  ///< pixels

  /// Loaded with any_shape() and with fixed_shape().
  YunetNetwork(const runtime::Model& any_size, const runtime::Model& fixed) : any_size_(any_size), fixed_(fixed) {}
  static runtime::Shape any_shape() { return {1, 3, -1, -1}; }
  static runtime::Shape fixed_shape() { return {1, 3, kFixedSide, kFixedSide}; }

  /// Faces in picture pixels; the picture is scaled to `longer_side`.
  std::vector<face::Detection> look(const image::Image& image, double longer_side, float min_score);
  /// The same at kFixedSide.
  std::vector<face::Detection> fixed_look(const image::Image& image, float min_score);

 private:
  static std::vector<face::Detection> run(runtime::Session& session, const image::Image& image, cv::Size size,
                                          float min_score);

  runtime::Session any_size_, fixed_;
};

/// YuNet: full size up to 960 pixels on the longer side, at most `long_side`, never below 320; the second
/// look is at YunetNetwork::kFixedSide (docs/results/detectors.md).
class YunetDetector final : public TwoLookDetector {
 public:
  YunetDetector(YunetNetwork network, YunetOptions options);
  std::string name() const override { return "yunet"; }

 private:
  std::vector<face::Detection> first_look(const image::Image& image, double longer_side) override;
  std::vector<face::Detection> second_look(const image::Image& image, double first_side) override;

  YunetOptions options_;
  YunetNetwork network_;
};

/// A single look at half the side of YunetDetector's first one, at a quarter of its cost. It detects large faces, and
/// most smaller ones with low scores, as hints.
class YunetGlance final : public image::FaceDetector {
 public:
  YunetGlance(YunetNetwork network, YunetOptions options);
  std::vector<face::Detection> detect(const image::Image& image) override;
  std::string name() const override { return "yunet glance"; }

 private:
  YunetOptions options_;
  YunetNetwork network_;
};

}  // namespace mien::detect
