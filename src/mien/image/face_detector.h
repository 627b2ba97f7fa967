// SPDX-License-Identifier: Apache-2.0
// Interface of face detectors. The networks are in detect/, so that dataset can get one without knowing a runtime.
#pragma once

#include <string>
#include <vector>

#include "mien/face/prediction.h"
#include "mien/image/image.h"

namespace mien::image {

class FaceDetector {
 public:
  virtual ~FaceDetector() = default;
  /// Faces with landmarks, best score first, in pixels of `image` (as from load_image). Not thread-safe:
  /// one object per thread.
  virtual std::vector<face::Detection> detect(const Image& image) = 0;
  /// Approximate size of the smallest face, in pixels of `image`, that detect() would find; 0 if not known.
  virtual float smallest_face_px(const Image& image) const { return static_cast<void>(image), 0.0f; }
  virtual std::string name() const = 0;
};

/// The main face of a portrait: the largest box among those with at least half the best score. nullptr if empty.
const face::Detection* main_face(const std::vector<face::Detection>& detections);

}  // namespace mien::image
