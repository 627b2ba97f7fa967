// SPDX-License-Identifier: Apache-2.0
// Generated backgrounds without faces: clouds, shapes, stripes, blur and grain, drawn for each picture.
#pragma once

#include <opencv2/core/mat.hpp>

#include "mien/base/random.h"

namespace mien::dataset {

/// A square picture, 8 bit, 1 channel grey or 3 channels; `size` in pixels. The same state of `random` gives the same
/// picture.
cv::Mat draw_background(int size, int channels, Random& random);

}  // namespace mien::dataset
