// SPDX-License-Identifier: Apache-2.0
// Pillow's anti-aliased bicubic resampling (a = -0.5), to the byte: the published detectors were trained on it.
#pragma once

#include <opencv2/core/mat.hpp>

namespace mien::image {

/// `picture`: 8 bit, one channel or three → the same at width × height. Each pass (first along rows, then along
/// columns) is rounded to whole values, and skipped if the size does not change.
cv::Mat resize_bicubic(const cv::Mat& picture, int width, int height);

}  // namespace mien::image
