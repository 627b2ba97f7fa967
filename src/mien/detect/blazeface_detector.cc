// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/blazeface_detector.h"

#include <algorithm>

#include "mien/detect/letterbox.h"

namespace mien::detect {
namespace {

/// Start positions of tiles of `tile` pixels that cover `length` with an overlap of at least a third.
std::vector<int> tile_starts(int length, int tile) {
  if (length <= tile) return {0};
  const int steps = (length - tile + tile * 2 / 3 - 1) / (tile * 2 / 3);
  std::vector<int> starts;
  for (int i = 0; i <= steps; ++i)
    starts.push_back(static_cast<int>(static_cast<long long>(length - tile) * i / steps));
  return starts;
}

/// A face cut by the edge of a tile is seen whole by the neighbour.
bool touches_inner_edge(const face::Box& b, const cv::Rect& window, const image::Image& image) {
  const float margin = 0.02f * static_cast<float>(window.width);
  return (window.x > 0 && b.x < static_cast<float>(window.x) + margin) ||
         (window.y > 0 && b.y < static_cast<float>(window.y) + margin) ||
         (window.br().x < image.cols && b.x + b.width > static_cast<float>(window.br().x) - margin) ||
         (window.br().y < image.rows && b.y + b.height > static_cast<float>(window.br().y) - margin);
}

/// The two networks may give boxes of different size for one face: the better one is kept.
std::vector<face::Detection> one_per_face(std::vector<face::Detection> found) {
  std::vector<face::Detection> kept;
  for (const auto& d : face::suppress_overlaps(std::move(found), face::kMaxIouOfFaces)) {
    const face::Point c = d.box.centre();
    const bool is_seen = std::any_of(kept.begin(), kept.end(), [&](const face::Detection& k) {
      return c.x > k.box.x && c.y > k.box.y && c.x < k.box.x + k.box.width && c.y < k.box.y + k.box.height;
    });
    if (!is_seen) kept.push_back(d);
  }
  return kept;
}

}  // namespace

BlazeFaceNetwork::BlazeFaceNetwork(const runtime::Model& model, detect::BlazeFaceRange range)
    : layout_(detect::blazeface_layout(range)), session_(model) {}

std::vector<face::Detection> BlazeFaceNetwork::detect(const image::Image& image, cv::Rect window, float min_score) {
  const int side = layout_.input_side;
  const Letterbox fitted = letterbox(image, window, side, side);
  fill_channels_last(fitted.pixels, 2.0f / 255, -1, session_.input({1, side, side, 3}));
  session_.run();
  const auto first = session_.output(0), second = session_.output(1);  // the order differs between the two files
  const bool boxes_first = first.values.size() > second.values.size();
  auto found = detect::decode_blazeface(layout_, (boxes_first ? first : second).values,
                                        (boxes_first ? second : first).values, min_score);
  map_to_image(found, fitted.image_from_input);
  return found;
}

BlazeFaceDetector::BlazeFaceDetector(const runtime::Model* short_range, const runtime::Model* full_range,
                                     Options options)
    : options_(options) {
  if (short_range) short_range_.emplace(*short_range, detect::BlazeFaceRange::short_range);
  if (full_range) full_range_.emplace(*full_range, detect::BlazeFaceRange::full_range);
}

std::string BlazeFaceDetector::name() const {
  return short_range_ && full_range_ ? "blazeface" : short_range_ ? "blazeface-short" : "blazeface-full";
}

std::vector<face::Detection> BlazeFaceDetector::detect(const image::Image& image) {
  const cv::Rect whole(0, 0, image.cols, image.rows);
  std::vector<face::Detection> found;
  auto look = [&](BlazeFaceNetwork& network, cv::Rect window) {
    for (const auto& d : network.detect(image, window, options_.min_score))
      if (!touches_inner_edge(d.box, window, image)) found.push_back(d);
  };
  if (short_range_) look(*short_range_, whole);
  if (full_range_) look(*full_range_, whole);
  const int tile = options_.tile_px;
  if (full_range_ && tile > 0 && std::max(image.cols, image.rows) > tile * 5 / 4)
    for (const int y : tile_starts(image.rows, tile))
      for (const int x : tile_starts(image.cols, tile)) look(*full_range_, cv::Rect(x, y, tile, tile) & whole);
  return one_per_face(std::move(found));
}

}  // namespace mien::detect
