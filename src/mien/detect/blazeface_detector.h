// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "mien/detect/blazeface.h"
#include "mien/image/face_detector.h"
#include "mien/runtime/session.h"

namespace mien::detect {

/// One of the two networks.
class BlazeFaceNetwork {
 public:
  BlazeFaceNetwork(const runtime::Model& model, detect::BlazeFaceRange range);
  /// Faces in a window of the picture, in picture pixels.
  std::vector<face::Detection> detect(const image::Image& image, cv::Rect window, float min_score);

 private:
  detect::BlazeFaceLayout layout_;
  runtime::Session session_;
};

/// Short range detects faces from a tenth of the picture's side upwards, full range smaller ones but few that fill it;
/// so both process the whole picture. Full range also processes large pictures in overlapping square tiles.
class BlazeFaceDetector final : public image::FaceDetector {
 public:
  struct Options {
    float min_score = 0.5f;  ///< 0..1
    int tile_px = 640;       ///< side of the tiles; 0: whole picture only
  };
  /// One of the models may be left out, but not both.
  BlazeFaceDetector(const runtime::Model* short_range, const runtime::Model* full_range, Options options);
  std::vector<face::Detection> detect(const image::Image& image) override;
  std::string name() const override;

 private:
  std::optional<BlazeFaceNetwork> short_range_, full_range_;
  Options options_;
};

}  // namespace mien::detect
