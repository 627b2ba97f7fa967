// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/centerface_detector.h"

#include "mien/detect/centerface.h"
#include "mien/detect/letterbox.h"

namespace mien::detect {
namespace {

constexpr int kSmallestSide = 320, kFullSizeSide = 640;  ///< pixels
constexpr double kSmallestCenterFace = 12;               ///< pixels (docs/reliability.md)

}  // namespace

CenterFaceDetector::CenterFaceDetector(const runtime::Model& model, Options options)
    : TwoLookDetector({kSmallestSide, kFullSizeSide, options.long_side}, kSmallestCenterFace),
      options_(options),
      session_(model) {}

std::vector<face::Detection> CenterFaceDetector::first_look(const image::Image& image, double longer_side) {
  const auto [width, height] = input_size(image, longer_side);
  const Letterbox fitted = letterbox(image, {0, 0, image.cols, image.rows}, width, height);
  fill_channels_first(fitted.pixels, Channels::rgb, session_.input({1, 3, height, width}));
  session_.run();
  const auto heat = session_.output("537"), size = session_.output("538"), offset = session_.output("539"),
             points = session_.output("540");
  auto found = decode_centerface(
      {width / kCenterFaceStride, height / kCenterFaceStride, heat.values, size.values, offset.values, points.values},
      options_.min_score);
  map_to_image(found, fitted.image_from_input);
  return found;
}

std::vector<face::Detection> CenterFaceDetector::second_look(const image::Image& image, double first_side) {
  return first_look(image, first_side / 2);
}

}  // namespace mien::detect
