// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/face_mask.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace mien::dataset {
namespace {

constexpr int kWidth = 256, kHeight = 192;  // of the template, pixels
constexpr std::size_t kBridge = 28, kChin = 8, kLeftJaw = 2, kRightJaw = 14;
constexpr double kWider = 1.2;  // width of half the mask relative to the distance from the jaw to the line bridge-chin

cv::Scalar opaque(double level) { return {level / 255, level / 255, level / 255, 1}; }

cv::Point at(double x, double y) { return {cvRound(x * (kWidth - 1)), cvRound(y * (kHeight - 1))}; }

/// A quadratic curve through three points; its midpoint is the second one.
void draw_loop(cv::Mat& mask, bool mirrored) {
  std::vector<cv::Point> curve;
  for (int i = 0; i <= 24; ++i) {
    const double t = i / 24.0;
    const double first = (1 - t) * (1 - t), control = 2 * t * (1 - t), last = t * t;
    const double x = first * 0.12 + control * (2 * 0.0 - 0.13) + last * 0.14;
    const double y = first * 0.2 + control * (2 * 0.45 - 0.45) + last * 0.7;
    curve.push_back(at(mirrored ? 1 - x : x, y));
  }
  cv::polylines(mask, curve, /*isClosed=*/false, opaque(245), 3);
}

/// The mask, seen from the front.
const cv::Mat& mask_template() {
  static const cv::Mat drawn = [] {
    cv::Mat mask = cv::Mat::zeros(kHeight, kWidth, CV_32FC4);
    draw_loop(mask, false);
    draw_loop(mask, true);
    const std::vector<cv::Point> outline = {at(0.12, 0.18), at(0.5, 0.0), at(0.88, 0.18), at(0.86, 0.72),
                                            at(0.66, 0.97), at(0.5, 1.0), at(0.34, 0.97), at(0.14, 0.72)};
    cv::fillPoly(mask, std::vector{outline}, opaque(245));
    cv::polylines(mask, outline, /*isClosed=*/true, opaque(90), 2);
    for (const double y : {0.35, 0.5, 0.65}) cv::line(mask, at(0.2, y), at(0.8, y), opaque(0.6 * 255), 1);
    return mask;
  }();
  return drawn;
}

double length(face::Point a) { return std::hypot(a.x, a.y); }

/// Distance of `p` from the line through `a` and `b`; from `a` if the two coincide.
double distance_from_line(face::Point p, face::Point a, face::Point b) {
  const face::Point along{b.x - a.x, b.y - a.y}, from{p.x - a.x, p.y - a.y};
  const double whole = length(along);
  if (whole == 0) return length(from);
  return std::abs(static_cast<double>(along.x) * from.y - static_cast<double>(along.y) * from.x) / whole;
}

int half_width(face::Point jaw, face::Point bridge, face::Point chin) {
  return std::max(1, static_cast<int>(kWider * std::trunc(distance_from_line(jaw, bridge, chin))));
}

/// Both halves of the template at their widths, joined at the seam.
cv::Mat joined(const MaskPlace& place) {
  const cv::Mat& whole = mask_template();
  cv::Mat left, right, out;
  cv::resize(whole.colRange(0, kWidth / 2), left, {place.left, place.height}, 0, 0, cv::INTER_AREA);
  cv::resize(whole.colRange(kWidth / 2, kWidth), right, {place.right, place.height}, 0, 0, cv::INTER_AREA);
  cv::hconcat(left, right, out);
  return out;
}

}  // namespace

MaskPlace mask_place(std::span<const face::Point> points, bool roll) {
  const face::Point bridge = points[kBridge], chin = points[kChin];
  MaskPlace place;
  place.height = std::max(1, static_cast<int>(length({chin.x - bridge.x, chin.y - bridge.y})));
  place.left = half_width(points[kLeftJaw], bridge, chin);
  place.right = half_width(points[kRightJaw], bridge, chin);
  place.seam = {std::floor((bridge.x + chin.x) / 2), std::floor((bridge.y + chin.y) / 2)};
  if (roll)
    place.roll_degrees = std::atan2(static_cast<double>(chin.y) - bridge.y, static_cast<double>(chin.x) - bridge.x) *
                             180 / std::numbers::pi_v<double> -
                         90;
  return place;
}

void draw_face_mask(Overlay& overlay, const MaskPlace& place) {
  const double angle = place.roll_degrees * std::numbers::pi_v<double> / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  const double x = place.left, y = place.height / 2.0;  // the seam's middle in the joined mask
  overlay.place(joined(place), {c, -s, place.seam.x - c * x + s * y, s, c, place.seam.y - s * x - c * y});
}

}  // namespace mien::dataset
