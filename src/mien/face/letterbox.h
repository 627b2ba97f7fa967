// SPDX-License-Identifier: Apache-2.0
// A whole picture in a network's input: scaled to fit with its shape kept, centred, grey borders around it. Sizes are
// rounded down on the way in and to nearest on the way back, as in the published detectors (card fer-yolo-mamba 4
// and 7): up to half a pixel of bias, kept for parity.
#pragma once

#include "mien/face/geometry.h"

namespace mien::face {

inline constexpr int kBorderGrey = 128;  ///< of the borders, before scaling by mean and std

struct Letterbox {
  int picture_width = 0, picture_height = 0;  ///< pixels, at least 1
  int input_width = 0, input_height = 0;      ///< pixels, at least 1

  /// Position of the picture in the input; at least one pixel in each direction.
  struct Place {
    int left = 0, top = 0, width = 0, height = 0;
    bool operator==(const Place&) const = default;
  };
  Place place() const;
  /// From picture pixels to input pixels.
  Box to_input(const Box& box) const;
  Point to_input(Point point) const;
  /// From input pixels to picture pixels; not clipped.
  Box to_picture(const Box& box) const;
};

}  // namespace mien::face
