// SPDX-License-Identifier: Apache-2.0
#include "mien/image/bicubic.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "mien/base/error.h"

namespace mien::image {
namespace {

constexpr int kPrecision = 22;  ///< fractional bits of the weights

double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/// The source positions of one target position, from `first` on, with their weights.
struct Window {
  int first = 0;
  std::vector<int> weights;
};

std::vector<Window> windows(int source, int target) {
  const double scale = static_cast<double>(source) / target;
  const double filter_scale = std::max(scale, 1.0), support = 2 * filter_scale;
  std::vector<Window> out;
  for (int i = 0; i < target; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int last = std::min(source, static_cast<int>(centre + support + 0.5));
    std::vector<double> weights;
    double sum = 0;
    for (int x = first; x < last; ++x) {
      weights.push_back(cubic((x - centre + 0.5) / filter_scale));
      sum += weights.back();
    }
    Window& window = out.emplace_back();
    window.first = first;
    for (double w : weights) {
      const double exact = w / sum * (1 << kPrecision);
      window.weights.push_back(static_cast<int>(exact < 0 ? exact - 0.5 : exact + 0.5));
    }
  }
  return out;
}

std::uint8_t to_byte(int sum) { return static_cast<std::uint8_t>(std::clamp(sum >> kPrecision, 0, 255)); }

/// Along the rows.
cv::Mat resize_rows(const cv::Mat& picture, int width) {
  const auto windows_of = windows(picture.cols, width);
  const int channels = picture.channels();
  cv::Mat out(picture.rows, width, picture.type());
  for (int y = 0; y < picture.rows; ++y) {
    const auto* source = picture.ptr<std::uint8_t>(y);
    auto* target = out.ptr<std::uint8_t>(y);
    for (const Window& window : windows_of)
      for (int c = 0; c < channels; ++c) {
        int sum = 1 << (kPrecision - 1);
        for (std::size_t k = 0; k < window.weights.size(); ++k)
          sum += source[(window.first + static_cast<int>(k)) * channels + c] * window.weights[k];
        *target++ = to_byte(sum);
      }
  }
  return out;
}

/// Along the columns.
cv::Mat resize_columns(const cv::Mat& picture, int height) {
  const auto windows_of = windows(picture.rows, height);
  const int length = picture.cols * picture.channels();
  cv::Mat out(height, picture.cols, picture.type());
  std::vector<int> sums(static_cast<std::size_t>(length));
  for (int y = 0; y < height; ++y) {
    const Window& window = windows_of[static_cast<std::size_t>(y)];
    std::fill(sums.begin(), sums.end(), 1 << (kPrecision - 1));
    for (std::size_t k = 0; k < window.weights.size(); ++k) {
      const auto* source = picture.ptr<std::uint8_t>(window.first + static_cast<int>(k));
      for (int i = 0; i < length; ++i) sums[static_cast<std::size_t>(i)] += source[i] * window.weights[k];
    }
    std::transform(sums.begin(), sums.end(), out.ptr<std::uint8_t>(y), to_byte);
  }
  return out;
}

}  // namespace

cv::Mat resize_bicubic(const cv::Mat& picture, int width, int height) {
  check_input(picture.depth() == CV_8U && !picture.empty() && width > 0 && height > 0,
              "Bicubic resampling needs an 8-bit picture and a size above 0.");
  cv::Mat out = picture;
  if (width != picture.cols) out = resize_rows(out, width);
  if (height != picture.rows) out = resize_columns(out, height);
  return out;
}

}  // namespace mien::image
