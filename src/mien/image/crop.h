// SPDX-License-Identifier: Apache-2.0
// The face crop: the one piece of code that `data pack --detect` and `predict` share. Similarity alignment by
// face::CropRule, averaged over the area of each crop pixel if the face is reduced, edge pixels repeated if the
// crop extends beyond the picture. The crop is cut at the side stored by training (InputSpec::source_side); the
// enlargement to the network's input happens later, in float (runtime/input.h), as in training.
#pragma once

#include <opencv2/core/mat.hpp>

#include "mien/face/geometry.h"
#include "mien/face/input_spec.h"
#include "mien/image/image.h"

namespace mien::image {

struct Crop {
  cv::Mat pixels;          ///< side × side, 8 bit: 1 channel grey (ITU-R BT.601) or 3 channels red-green-blue
  float outside = 0;       ///< share of the crop outside the picture, 0..1
  float face_side_px = 0;  ///< side of the cut square in picture pixels
  face::Similarity image_from_crop;  ///< of a whole picture: its longer side fits
};

/// The aligned crop around `landmarks` (picture pixels). `channels` is 1 or 3. Throws bad_input if landmarks
/// coincide.
Crop crop_face(const Image& image, const face::Landmarks& landmarks, const face::CropRule& rule, int side,
               int channels);
/// The axis-parallel square about the centre of `box` with its longer side, without alignment.
Crop crop_box(const Image& image, const face::Box& box, int side, int channels);
/// The whole picture, which is a face crop already: averaged down or enlarged bilinearly to side × side; unchanged
/// if it has that size.
Crop crop_whole(const Image& image, int side, int channels);

/// The side at which crops for this network are cut: source_side, or the input size if that is 0.
int crop_side(const face::InputSpec& spec);

}  // namespace mien::image
