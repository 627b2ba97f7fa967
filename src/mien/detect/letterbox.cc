// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/letterbox.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace mien::detect {

Letterbox letterbox(const image::Image& image, cv::Rect window, int width, int height) {
  const double scale = std::min(static_cast<double>(width) / window.width, static_cast<double>(height) / window.height);
  const int inner_width = std::clamp(static_cast<int>(std::lround(window.width * scale)), 1, width);
  const int inner_height = std::clamp(static_cast<int>(std::lround(window.height * scale)), 1, height);
  const cv::Rect inner((width - inner_width) / 2, (height - inner_height) / 2, inner_width, inner_height);
  Letterbox out;
  out.pixels = cv::Mat(height, width, CV_8UC3, cv::Scalar::all(0));
  cv::Mat target = out.pixels(inner);
  cv::resize(image(window), target, inner.size(), 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  const auto back = static_cast<float>(1 / scale);
  out.image_from_input = {back, 0, static_cast<float>(window.x) - back * static_cast<float>(inner.x),
                          static_cast<float>(window.y) - back * static_cast<float>(inner.y)};
  return out;
}

void fill_channels_last(const cv::Mat& bgr, float scale, float offset, std::span<float> out) {
  std::size_t next = 0;
  for (int y = 0; y < bgr.rows; ++y) {
    const auto* row = bgr.ptr<cv::Vec3b>(y);
    for (int x = 0; x < bgr.cols; ++x)
      for (const int c : {2, 1, 0}) out[next++] = static_cast<float>(row[x][c]) * scale + offset;
  }
}

void fill_channels_first(const cv::Mat& bgr, Channels order, std::span<float> out) {
  const std::size_t plane = bgr.total();
  std::size_t next = 0;
  for (int y = 0; y < bgr.rows; ++y) {
    const auto* row = bgr.ptr<cv::Vec3b>(y);
    for (int x = 0; x < bgr.cols; ++x, ++next)
      for (std::size_t c = 0; c < 3; ++c)
        out[c * plane + next] = row[x][static_cast<int>(order == Channels::bgr ? c : 2 - c)];
  }
}

void map_to_image(std::vector<face::Detection>& detections, const face::Similarity& map) {
  for (auto& d : detections) {
    const face::Point corner = map.apply({d.box.x, d.box.y});
    d.box = {corner.x, corner.y, d.box.width * map.scale(), d.box.height * map.scale()};
    if (!d.landmarks) continue;
    for (face::Point* p : {&d.landmarks->left_eye, &d.landmarks->right_eye, &d.landmarks->nose,
                           &d.landmarks->left_mouth, &d.landmarks->right_mouth})
      *p = map.apply(*p);
  }
}

}  // namespace mien::detect
