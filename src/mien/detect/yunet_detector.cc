// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/yunet_detector.h"

#include <fmt/core.h>

#include <utility>

#include "mien/detect/letterbox.h"
#include "mien/detect/yunet.h"

namespace mien::detect {
namespace {

constexpr double kSmallestYunetFace = 10;  ///< pixels (docs/reliability.md)

LookSides sides_of(const YunetOptions& options) { return {320, 960, options.long_side}; }

}  // namespace

YunetDetector::YunetDetector(YunetNetwork network, YunetOptions options)
    : TwoLookDetector(sides_of(options), kSmallestYunetFace), options_(options), network_(std::move(network)) {}

std::vector<face::Detection> YunetDetector::first_look(const image::Image& image, double longer_side) {
  return network_.look(image, longer_side, options_.min_score);
}

std::vector<face::Detection> YunetDetector::second_look(const image::Image& image, double /*first_side*/) {
  return network_.fixed_look(image, options_.min_score);
}

YunetGlance::YunetGlance(YunetNetwork network, YunetOptions options)
    : options_(options), network_(std::move(network)) {}

std::vector<face::Detection> YunetGlance::detect(const image::Image& image) {
  const double side = side_of_look(image, sides_of(options_)) / 2;
  return side > YunetNetwork::kFixedSide ? network_.look(image, side, options_.min_score)
                                         : network_.fixed_look(image, options_.min_score);
}

std::vector<face::Detection> YunetNetwork::look(const image::Image& image, double longer_side, float min_score) {
  return run(any_size_, image, input_size(image, longer_side), min_score);
}

std::vector<face::Detection> YunetNetwork::fixed_look(const image::Image& image, float min_score) {
  return run(fixed_, image, {kFixedSide, kFixedSide}, min_score);
}

std::vector<face::Detection> YunetNetwork::run(runtime::Session& session, const image::Image& image, cv::Size size,
                                               float min_score) {
  const auto [width, height] = size;
  const Letterbox fitted = letterbox(image, {0, 0, image.cols, image.rows}, width, height);
  fill_channels_first(fitted.pixels, Channels::bgr, session.input({1, 3, height, width}));
  session.run();
  const auto output = [&](const char* kind, int stride) {
    return session.output(fmt::format("{}_{}", kind, stride)).values;
  };
  std::array<YunetLevel, 3> levels;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const int stride = kYunetStrides[i];
    levels[i] = {output("cls", stride), output("obj", stride), output("bbox", stride), output("kps", stride)};
  }
  auto found = decode_yunet(levels, width, height, min_score);
  map_to_image(found, fitted.image_from_input);
  return found;
}

}  // namespace mien::detect
