// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/overlay.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace mien::dataset {
namespace {

constexpr int kDrawnSide = 192;  // smallest side of a drawing, pixels

/// The grey level of a colour (ITU-R BT.601).
float grey_of(const cv::Vec4f& c) { return 0.299f * c[0] + 0.587f * c[1] + 0.114f * c[2]; }

std::uint8_t blended(std::uint8_t below, float colour, float opacity) {
  const float value = static_cast<float>(below) * (1 - opacity) + 255 * colour;
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0f, 255.0f)));
}

}  // namespace

Overlay::Overlay(int width, int height)
    : width_(width), height_(height), scale_((kDrawnSide + std::min(width, height) - 1) / std::min(width, height)) {
  drawing_ = cv::Mat::zeros(height * scale_, width * scale_, CV_32FC4);
}

face::Point Overlay::enlarged(face::Point p) const {
  return {p.x * static_cast<float>(scale_), p.y * static_cast<float>(scale_)};
}

void Overlay::fill(const std::vector<face::Point>& corners, float grey) {
  std::vector<cv::Point> points;
  for (const auto& corner : corners) {
    const auto p = enlarged(corner);
    points.emplace_back(cvRound(p.x - 0.5f), cvRound(p.y - 0.5f));  // OpenCV counts from the centre of a pixel
  }
  cv::fillConvexPoly(drawing_, points, cv::Scalar(grey, grey, grey, 1));
}

void Overlay::place(const cv::Mat& shape, const cv::Matx23d& target_from_shape) {
  cv::Mat placed;
  cv::warpAffine(shape, placed, target_from_shape, drawing_.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT);
  for (int y = 0; y < drawing_.rows; ++y)
    for (int x = 0; x < drawing_.cols; ++x) {
      const auto& above = placed.at<cv::Vec4f>(y, x);
      auto& below = drawing_.at<cv::Vec4f>(y, x);
      below = above + below * (1 - above[3]);
    }
}

void Overlay::blend_into(std::span<std::uint8_t> pixels, int channels) const {
  cv::Mat reduced;
  cv::resize(drawing_, reduced, {width_, height_}, 0, 0, cv::INTER_AREA);
  auto at = pixels.begin();
  for (int y = 0; y < height_; ++y)
    for (int x = 0; x < width_; ++x) {
      const auto& c = reduced.at<cv::Vec4f>(y, x);
      for (int channel = 0; channel < channels; ++channel, ++at)
        if (c[3] > 0) *at = blended(*at, channels == 1 ? grey_of(c) : c[channel], c[3]);
    }
}

}  // namespace mien::dataset
