// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/fingerprint.h"

#include <cmath>
#include <cstring>
#include <opencv2/imgproc.hpp>

#include "mien/base/hash.h"
#include "mien/image/crop.h"

namespace mien::dataset {
namespace {

/// A bit is set if the grey value rises by more than this from one of 9 × 8 cells to the next. Above 0, so that flat
/// areas do not turn noise into bits.
constexpr float kStep = 1.5f;

std::uint64_t difference_bits(const cv::Mat& thumb) {
  cv::Mat values, cells;
  thumb.convertTo(values, CV_32F);
  cv::resize(values, cells, {9, 8}, 0, 0, cv::INTER_AREA);
  std::uint64_t bits = 0;
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 8; ++x)
      bits = bits << 1 | (cells.at<float>(y, x + 1) - cells.at<float>(y, x) > kStep ? 1u : 0u);
  return bits;
}

}  // namespace

Fingerprint fingerprint(const image::Image& image) {
  Fingerprint out;
  out.width = image.cols;
  out.height = image.rows;
  ContentHasher hasher;
  const std::array<int, 2> size = {image.cols, image.rows};
  hasher.update(std::as_bytes(std::span(size)));
  for (int y = 0; y < image.rows; ++y)
    hasher.update(
        {reinterpret_cast<const std::byte*>(image.ptr(y)), static_cast<std::size_t>(image.cols) * image.elemSize()});
  out.content = hasher.hex();
  const cv::Mat thumb = image::crop_whole(image, kThumbSide, 1).pixels;
  cv::Mat flipped;
  cv::flip(thumb, flipped, 1);
  out.bits = difference_bits(thumb);
  out.mirrored = difference_bits(flipped);
  std::memcpy(out.thumb.data(), thumb.data, out.thumb.size());
  return out;
}

double correlation(const Fingerprint& a, const Fingerprint& b, bool mirror_b) {
  std::int64_t sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (int y = 0; y < kThumbSide; ++y) {
    const std::uint8_t* row_a = a.thumb.data() + y * kThumbSide;
    const std::uint8_t* row_b = b.thumb.data() + y * kThumbSide;
    for (int x = 0; x < kThumbSide; ++x) {
      const std::int64_t va = row_a[x], vb = row_b[mirror_b ? kThumbSide - 1 - x : x];
      sa += va;
      sb += vb;
      saa += va * va;
      sbb += vb * vb;
      sab += va * vb;
    }
  }
  constexpr double n = kThumbSide * kThumbSide;
  const double covariance = static_cast<double>(sab) - static_cast<double>(sa) * static_cast<double>(sb) / n;
  const double variance_a = static_cast<double>(saa) - static_cast<double>(sa) * static_cast<double>(sa) / n;
  const double variance_b = static_cast<double>(sbb) - static_cast<double>(sb) * static_cast<double>(sb) / n;
  return variance_a > 0 && variance_b > 0 ? covariance / std::sqrt(variance_a * variance_b) : 0;
}

}  // namespace mien::dataset
