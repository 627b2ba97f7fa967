// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/heat_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"

namespace mien::recognise {
namespace {

using Colour = std::array<double, 3>;  // blue, green, red
using Ramp = std::array<Colour, 3>;
// From weak to strong: amber to a deep red, pale to deep blue. Told apart by colour-blind readers and in grey print.
constexpr Ramp kWarm{{{120, 205, 253}, {60, 120, 240}, {42, 20, 168}}};
constexpr Ramp kCold{{{240, 215, 175}, {205, 145, 70}, {120, 60, 20}}};
constexpr double kMostOpaque = 0.80;

Colour at(const Ramp& ramp, double t) {
  const double x = std::clamp(t, 0.0, 1.0) * 2;
  const auto i = static_cast<std::size_t>(std::min(1.0, std::floor(x)));
  Colour out;
  for (std::size_t c = 0; c < 3; ++c)
    out[c] = ramp[i][c] + (ramp[i + 1][c] - ramp[i][c]) * (x - static_cast<double>(i));
  return out;
}

/// -1..1, or 0..1 if the scale has no sign.
double strength(const Scale& s, double value) {
  if (s.is_signed()) return std::clamp(value / s.high, -1.0, 1.0);
  return s.high > s.low ? std::clamp((value - s.low) / (s.high - s.low), 0.0, 1.0) : 0.0;
}

cv::Vec3b blend(double grey, double t) {
  const double alpha = kMostOpaque * std::pow(std::abs(t), 0.75);
  const Colour over = at(t < 0 ? kCold : kWarm, std::abs(t));
  cv::Vec3b out;
  for (int c = 0; c < 3; ++c)
    out[c] = cv::saturate_cast<unsigned char>(grey * (1 - alpha) + over[static_cast<std::size_t>(c)] * alpha);
  return out;
}

/// The two neighbours of a place along one axis and the weight of the second.
struct Tap {
  int low = 0, high = 0;
  float weight = 0;
};
Tap tap(const CellAxis& axis, double place) {
  const double x = std::clamp((place - axis.first) / axis.step, 0.0, axis.count - 1.0);
  const int low = std::min(static_cast<int>(x), axis.count - 1);
  return {low, std::min(low + 1, axis.count - 1), static_cast<float>(x - low)};
}

}  // namespace

CellAxis even_axis(int count) { return {count, 0.5 / count, 1.0 / count}; }

CellAxis cell_axis(const face::OutputSpec& output, int count, int input_px) {
  if (output.cell_stride <= 0) return even_axis(count);
  return {count, static_cast<double>(output.cell_first) / input_px, static_cast<double>(output.cell_stride) / input_px};
}

cv::Mat enlarge(std::span<const float> cells, const CellAxis& rows, const CellAxis& columns, int side) {
  return enlarge(cells, rows, columns, cv::Size(side, side));
}

cv::Mat enlarge(std::span<const float> cells, const CellAxis& rows, const CellAxis& columns, cv::Size size) {
  check_input(cells.size() == static_cast<std::size_t>(rows.count) * static_cast<std::size_t>(columns.count),
              "The number of values of a map differs from its number of cells.");
  const auto value = [&](int y, int x) { return cells[static_cast<std::size_t>(y) * columns.count + x]; };
  cv::Mat out(size, CV_32F);
  for (int y = 0; y < size.height; ++y) {
    const Tap v = tap(rows, (y + 0.5) / size.height);
    for (int x = 0; x < size.width; ++x) {
      const Tap h = tap(columns, (x + 0.5) / size.width);
      const float above = value(v.low, h.low) + (value(v.low, h.high) - value(v.low, h.low)) * h.weight;
      const float below = value(v.high, h.low) + (value(v.high, h.high) - value(v.high, h.low)) * h.weight;
      out.at<float>(y, x) = above + (below - above) * v.weight;
    }
  }
  return out;
}

Scale scale_of(std::span<const float> values, double least) {
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (*low < 0) {
    const double most = std::max({static_cast<double>(*high), -static_cast<double>(*low), least});
    return {-most, most};
  }
  return {*low, std::max<double>(*high, *low + least)};
}

cv::Mat paint(const cv::Mat& view, const cv::Mat& field, const Scale& scale) {
  check_input(view.size() == field.size() && view.type() == CV_8UC3 && field.type() == CV_32F,
              "A map and its picture differ in size.");
  cv::Mat grey, out(view.size(), CV_8UC3);
  cv::cvtColor(view, grey, cv::COLOR_BGR2GRAY);
  for (int y = 0; y < view.rows; ++y)
    for (int x = 0; x < view.cols; ++x)
      out.at<cv::Vec3b>(y, x) = blend(grey.at<unsigned char>(y, x) * 0.8 + 40, strength(scale, field.at<float>(y, x)));
  return out;
}

cv::Mat scale_strip(const Scale& scale, int width, int height) {
  cv::Mat out(height, width, CV_8UC3);
  for (int x = 0; x < width; ++x) {
    const double value = scale.low + (scale.high - scale.low) * (x + 0.5) / width;
    out.col(x).setTo(blend(190, strength(scale, value)));
  }
  return out;
}

}  // namespace mien::recognise
