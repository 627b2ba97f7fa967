// SPDX-License-Identifier: Apache-2.0
// A whole picture for a detector: scaled to fit with its shape kept, between grey borders. The one piece of code that
// `data pack --whole` and `predict` share.
#pragma once

#include <opencv2/core/mat.hpp>

#include "mien/face/letterbox.h"
#include "mien/image/image.h"

namespace mien::image {

struct WholePicture {
  cv::Mat pixels;             ///< width × height, 8 bit: 1 channel grey (ITU-R BT.601) or 3 channels red-green-blue
  face::Letterbox letterbox;  ///< between the pixels of the picture and those of `pixels`
};

/// Bicubic as in Pillow; a picture of that size is not changed. `channels` is 1 or 3. Throws bad_input for
/// other sizes and channels.
WholePicture fit_whole(const Image& image, int width, int height, int channels);

}  // namespace mien::image
