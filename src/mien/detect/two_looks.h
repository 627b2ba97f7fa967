// SPDX-License-Identifier: Apache-2.0
// For detectors that miss a face that fills the picture, or see only parts of it: a second look at a smaller size.
#pragma once

#include <vector>

#include "mien/image/face_detector.h"

namespace mien::detect {

/// Faces of two passes over one picture, the second at a smaller size, in picture pixels. Of a face that fills the
/// picture the first pass detects parts: if the second detects a face that the first does not, it and its parts are
/// one, and the better score is kept. Faces found by both passes are kept as in the first, so the faces of a group are
/// kept.
std::vector<face::Detection> merge_looks(const std::vector<face::Detection>& first,
                                         const std::vector<face::Detection>& second);

/// Pixels on the longer side of a network's input. Smaller pictures are enlarged to `smallest`; the cost grows with the
/// square of the side.
struct LookSides {
  int smallest, full, largest;
};

/// The longer side for a look at a picture: its own up to LookSides::full, half of it beyond.
double side_of_look(const image::Image& image, const LookSides& sides);

/// If the first look finds nothing or something large, there is a second look.
class TwoLookDetector : public image::FaceDetector {
 public:
  std::vector<face::Detection> detect(const image::Image& image) final;
  float smallest_face_px(const image::Image& image) const final;

 protected:
  /// `smallest_face`: width in pixels of the network's input.
  TwoLookDetector(LookSides sides, double smallest_face) : sides_(sides), smallest_face_(smallest_face) {}
  /// Faces in pixels of `image`, which is scaled to `longer_side`.
  virtual std::vector<face::Detection> first_look(const image::Image& image, double longer_side) = 0;
  /// The same at a smaller size than that of the first look.
  virtual std::vector<face::Detection> second_look(const image::Image& image, double first_side) = 0;

 private:
  LookSides sides_;
  double smallest_face_;
};

/// The network's input for a picture that is scaled to `longer_side`: width and height rounded up to multiples of 32.
cv::Size input_size(const image::Image& image, double longer_side);

}  // namespace mien::detect
