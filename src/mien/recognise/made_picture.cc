// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/made_picture.h"

#include <fmt/core.h>

#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/recognise/recognizer.h"

namespace mien::recognise {

cv::Mat made_picture(const runtime::OutputMaps& values, const face::InputSpec& input) {
  const auto& shape = values.shape;
  check_input(shape.size() == 3 && (shape[0] == 1 || shape[0] == 3),
              fmt::format("The output {} is no picture of one or three channels.", quote(values.name)),
              "Export the model again.");
  const int h = static_cast<int>(shape[1]), w = static_cast<int>(shape[2]);
  const std::size_t plane = static_cast<std::size_t>(h) * static_cast<std::size_t>(w);
  cv::Mat out(h, w, CV_8UC3);
  for (std::size_t i = 0; i < plane; ++i)
    for (std::size_t c = 0; c < 3; ++c) {
      const std::size_t channel = shape[0] == 1 ? 0 : 2 - c;  // blue first
      const float value = values.values[channel * plane + i] * input.std[channel] + input.mean[channel];
      out.data[3 * i + c] = cv::saturate_cast<std::uint8_t>(255 * value);
    }
  return out;
}

cv::Mat input_picture(const cv::Mat& crop) {
  cv::Mat colour;
  cv::cvtColor(crop, colour, crop.channels() == 1 ? cv::COLOR_GRAY2BGR : cv::COLOR_RGB2BGR);
  return colour;
}

cv::Mat enlarged(const cv::Mat& picture) {
  cv::Mat out;
  cv::resize(picture, out, {kViewSide, kViewSide}, 0, 0, cv::INTER_NEAREST);
  return out;
}

}  // namespace mien::recognise
