// SPDX-License-Identifier: Apache-2.0
// Inference of an exported detector: whole pictures in, boxes with expressions out.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mien/face/box_decoding.h"
#include "mien/runtime/expression_model.h"

namespace mien::runtime {

/// Which boxes of the network are kept.
struct BoxLimits {
  float least_score = 0.5f;  ///< 0..1
  float max_iou = 0.3f;      ///< of boxes of one class
  std::size_t most = 100;    ///< boxes per picture
};

/// One thread's detector. Not thread-safe.
class BoxSession {
 public:
  /// Throws bad_input if the model classifies faces instead of detecting boxes.
  explicit BoxSession(const ExpressionModel& model);

  /// Boxes of each of `count` pictures, in their pixels and in the card's classes, best first. `pictures`: each height
  /// × width × C bytes, channels last, already between borders (face/letterbox.h) if they do not fill the input.
  std::vector<std::vector<face::ScoredBox>> boxes(std::span<const std::uint8_t> pictures, std::size_t count, int width,
                                                  int height, const BoxLimits& limits);

  /// Runs the network on the pictures without decoding; the functions below return the results. Otherwise as boxes().
  void run(std::span<const std::uint8_t> pictures, std::size_t count, int width, int height);
  /// The raw grids of picture `index` of the last run, one per level; valid until the next run. Throws bad_input if
  /// they are not finite.
  std::vector<face::BoxGrid> grids(std::size_t index) const;
  /// Further outputs for picture `index`, of kind maps and of kind features, in the card's order.
  std::vector<OutputMaps> maps(std::size_t index) const;
  std::vector<face::FaceValues> features(std::size_t index) const;

 private:
  std::span<const float> part(const TensorView& all, std::size_t index) const;

  ExpressionModel model_;
  Session session_;
};

}  // namespace mien::runtime
