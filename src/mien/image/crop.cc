// SPDX-License-Identifier: Apache-2.0
#include "mien/image/crop.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"

namespace mien::image {
namespace {

/// Above this factor, a face fills thousands of pixels and the samples are close enough for a fair average.
constexpr int kMaxOversampling = 16;

/// OpenCV counts pixel centres as whole numbers, face:: as halves; target = index map of `source_from_target` for a
/// target that is `factor` times finer.
cv::Matx23d index_map(const face::Similarity& source_from_target, int factor) {
  const double a = source_from_target.a / static_cast<double>(factor),
               b = source_from_target.b / static_cast<double>(factor);
  return {a, -b, source_from_target.tx + 0.5 * (a - b) - 0.5,  //
          b, a,  source_from_target.ty + 0.5 * (b + a) - 0.5};
}

float share_outside(const Image& image, const face::Similarity& image_from_crop, int side) {
  int outside = 0;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const face::Point p = image_from_crop.apply({static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f});
      outside += p.x < 0 || p.y < 0 || p.x > static_cast<float>(image.cols) || p.y > static_cast<float>(image.rows);
    }
  return static_cast<float>(outside) / static_cast<float>(side * side);
}

cv::Mat to_channels(const cv::Mat& bgr, int channels) {
  cv::Mat out;
  cv::cvtColor(bgr, out, channels == 1 ? cv::COLOR_BGR2GRAY : cv::COLOR_BGR2RGB);
  return out;
}

void check_arguments(const Image& image, int side, int channels) {
  check_input(image.type() == CV_8UC3 && !image.empty(), "The picture for a crop must have three 8-bit channels.");
  check_input(side >= 1 && side <= 4096 && (channels == 1 || channels == 3), "Crop side or channels are out of range.");
}

Crop warp(const Image& image, const face::Similarity& image_from_crop, int side, int channels) {
  check_arguments(image, side, channels);
  const int factor = std::clamp(static_cast<int>(std::ceil(image_from_crop.scale() - 1e-3f)), 1, kMaxOversampling);
  cv::Mat fine, coarse;
  cv::warpAffine(image, fine, index_map(image_from_crop, factor), {side * factor, side * factor},
                 cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
  if (factor > 1)
    cv::resize(fine, coarse, {side, side}, 0, 0, cv::INTER_AREA);
  else
    coarse = fine;
  return {to_channels(coarse, channels), share_outside(image, image_from_crop, side),
          image_from_crop.scale() * static_cast<float>(side), image_from_crop};
}

}  // namespace

Crop crop_face(const Image& image, const face::Landmarks& landmarks, const face::CropRule& rule, int side,
               int channels) {
  return warp(image, rule.crop_from_image(landmarks, side).inverse(), side, channels);
}

Crop crop_box(const Image& image, const face::Box& box, int side, int channels) {
  check_input(box.width > 0 && box.height > 0, "The box of a crop must not be empty.");
  const float square = std::max(box.width, box.height);  // a similarity keeps the shape, so the longer side counts
  const float scale = square / static_cast<float>(side);
  const face::Point c = box.centre();
  return warp(image, {scale, 0, c.x - square / 2, c.y - square / 2}, side, channels);
}

Crop crop_whole(const Image& image, int side, int channels) {
  check_arguments(image, side, channels);
  cv::Mat scaled = image;
  if (image.rows != side || image.cols != side) {
    const bool shrinks = image.rows > side || image.cols > side;
    cv::resize(image, scaled, {side, side}, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  }
  const auto longest = static_cast<float>(std::max(image.rows, image.cols));
  return {to_channels(scaled, channels), 0, longest, {longest / static_cast<float>(side), 0, 0, 0}};
}

int crop_side(const face::InputSpec& spec) { return spec.source_side > 0 ? spec.source_side : spec.width; }

}  // namespace mien::image
