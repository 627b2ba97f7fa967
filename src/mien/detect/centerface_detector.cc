// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/centerface_detector.h"

#include <algorithm>
#include <cmath>

#include "mien/detect/centerface.h"
#include "mien/detect/letterbox.h"

namespace mien::detect {
namespace {

constexpr int kSmallestSide = 320, kFullSizeSide = 640;  ///< pixels
constexpr float kLarge = 0.45f;       ///< share of the picture beyond which a face may be seen in parts
constexpr double kSmallestFace = 12;  ///< width in pixels of the network's input (docs/reliability.md)

int round_up(double length) {
  constexpr int step = detect::kCenterFaceMultiple;
  return std::max(step, (static_cast<int>(std::ceil(length)) + step - 1) / step * step);
}

/// Channels first, red-green-blue, 0..255: the scaling is inside the network.
void fill_channels_first(const cv::Mat& bgr, std::span<float> out) {
  const std::size_t plane = bgr.total();
  std::size_t next = 0;
  for (int y = 0; y < bgr.rows; ++y) {
    const auto* row = bgr.ptr<cv::Vec3b>(y);
    for (int x = 0; x < bgr.cols; ++x, ++next)
      for (std::size_t c = 0; c < 3; ++c) out[c * plane + next] = row[x][static_cast<int>(2 - c)];
  }
}

}  // namespace

CenterFaceDetector::CenterFaceDetector(const runtime::Model& model, Options options)
    : options_(options), session_(model) {}

double CenterFaceDetector::first_side(const image::Image& image) const {
  const int stored = std::max(image.cols, image.rows);
  const int wanted = std::max(stored / 2, std::min(stored, kFullSizeSide));
  return std::clamp(wanted, std::min(kSmallestSide, options_.long_side), options_.long_side);
}

float CenterFaceDetector::smallest_face_px(const image::Image& image) const {
  return static_cast<float>(kSmallestFace * std::max(image.cols, image.rows) / first_side(image));
}

std::vector<face::Detection> CenterFaceDetector::detect(const image::Image& image) {
  const double side = first_side(image);
  const auto found = detect_at(image, side);
  const bool has_large = std::any_of(found.begin(), found.end(), [&](const face::Detection& d) {
    return d.box.width > kLarge * static_cast<float>(image.cols) ||
           d.box.height > kLarge * static_cast<float>(image.rows);
  });
  return found.empty() || has_large ? merge_looks(found, detect_at(image, side / 2)) : found;
}

std::vector<face::Detection> CenterFaceDetector::detect_at(const image::Image& image, double longer_side) {
  const double scale = longer_side / std::max(image.cols, image.rows);
  const int width = round_up(image.cols * scale), height = round_up(image.rows * scale);
  const Letterbox fitted = letterbox(image, {0, 0, image.cols, image.rows}, width, height);
  fill_channels_first(fitted.pixels, session_.input({1, 3, height, width}));
  session_.run();
  const auto heat = session_.output("537"), size = session_.output("538"), offset = session_.output("539"),
             points = session_.output("540");
  auto found = detect::decode_centerface({width / detect::kCenterFaceStride, height / detect::kCenterFaceStride,
                                          heat.values, size.values, offset.values, points.values},
                                         options_.min_score);
  map_to_image(found, fitted.image_from_input);
  return found;
}

}  // namespace mien::detect
