// SPDX-License-Identifier: Apache-2.0
// A picture, or a window of it, fitted into a network's input with its aspect ratio kept.
#pragma once

#include <opencv2/core/mat.hpp>
#include <span>
#include <vector>

#include "mien/face/prediction.h"
#include "mien/image/image.h"

namespace mien::detect {

struct Letterbox {
  cv::Mat pixels;                     ///< width × height, 8 bit blue-green-red, black outside the window
  face::Similarity image_from_input;  ///< from input pixels to picture pixels
};

/// The window of `image`, scaled to fit and centred. The window must be inside the picture.
Letterbox letterbox(const image::Image& image, cv::Rect window, int width, int height);

/// Channels-last red-green-blue: value * scale + offset.
void fill_channels_last(const cv::Mat& bgr, float scale, float offset, std::span<float> out);

enum class Channels { bgr, rgb };

/// Channels first, 0..255 as stored, in the order that the network was trained with.
void fill_channels_first(const cv::Mat& bgr, Channels order, std::span<float> out);

/// Detections from input pixels to picture pixels.
void map_to_image(std::vector<face::Detection>& detections, const face::Similarity& image_from_input);

}  // namespace mien::detect
