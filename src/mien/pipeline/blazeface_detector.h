// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mien/face/blazeface.h"
#include "mien/runtime/session.h"
#include "mien/vision/face_detector.h"

namespace mien::pipeline {

/// BlazeFace over the whole picture and, in large ones, over overlapping square tiles: the network sees 192 pixels (128 in
/// the short form), so a face much smaller than a tenth of the picture would be lost without.
class BlazeFaceDetector final : public vision::FaceDetector {
 public:
  struct Options {
    float min_score = 0.5f;  ///< 0..1
    int tile_px = 0;         ///< side of the tiles; 0: whole picture only
  };
  BlazeFaceDetector(const runtime::Model& model, face::BlazeFaceRange range, Options options);
  std::vector<face::Detection> detect(const vision::Image& image) override;
  std::string name() const override;

 private:
  std::vector<face::Detection> detect_window(const vision::Image& image, cv::Rect window);

  face::BlazeFaceRange range_;
  face::BlazeFaceLayout layout_;
  Options options_;
  runtime::Session session_;
};

}  // namespace mien::pipeline
