// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/yunet_detector.h"

#include <fmt/core.h>

#include "mien/detect/letterbox.h"
#include "mien/detect/yunet.h"

namespace mien::detect {
namespace {

constexpr int kYunetSmallestSide = 320, kYunetFullSizeSide = 960;  ///< pixels
constexpr double kYunetSmallestFace = 10;                          ///< pixels (docs/reliability.md)

}  // namespace

YunetDetector::YunetDetector(const runtime::Model& any_size, const runtime::Model& second, Options options)
    : TwoLookDetector({kYunetSmallestSide, kYunetFullSizeSide, options.long_side}, kYunetSmallestFace),
      options_(options),
      any_size_(any_size),
      second_(second) {}

std::vector<face::Detection> YunetDetector::first_look(const image::Image& image, double longer_side) {
  return look(any_size_, image, input_size(image, longer_side));
}

std::vector<face::Detection> YunetDetector::second_look(const image::Image& image, double /*first_side*/) {
  return look(second_, image, {kSecondSide, kSecondSide});
}

std::vector<face::Detection> YunetDetector::look(runtime::Session& session, const image::Image& image, cv::Size size) {
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
  auto found = decode_yunet(levels, width, height, options_.min_score);
  map_to_image(found, fitted.image_from_input);
  return found;
}

}  // namespace mien::detect
