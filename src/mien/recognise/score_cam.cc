// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/score_cam.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/core.hpp>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/face/prediction.h"
#include "mien/recognise/heat_map.h"

namespace mien::recognise {
namespace {

constexpr std::size_t kScoreCamBatch = 24;

/// Activations (D,h,w), channel by channel.
class Channels {
 public:
  explicit Channels(const runtime::OutputMaps& maps) : maps_(maps) {
    check_input(maps.shape.size() == 3,
                fmt::format("The output {} has no channels of rows and columns.", quote(maps.name)),
                "Export the model again.");
    cells_ = static_cast<std::size_t>(maps.shape[1] * maps.shape[2]);
  }
  std::size_t count() const { return static_cast<std::size_t>(maps_.shape[0]); }
  std::size_t cells() const { return cells_; }
  std::span<const float> at(std::size_t channel) const {
    return std::span(maps_.values).subspan(channel * cells_, cells_);
  }
  /// The channels with the largest activation first; equal ones by number.
  std::vector<std::size_t> strongest(std::size_t wanted) const {
    std::vector<float> largest;
    for (std::size_t c = 0; c < count(); ++c) largest.push_back(*std::max_element(at(c).begin(), at(c).end()));
    std::vector<std::size_t> order(count());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return largest[a] > largest[b]; });
    if (wanted > 0) order.resize(std::min(wanted, order.size()));
    return order;
  }

 private:
  const runtime::OutputMaps& maps_;
  std::size_t cells_ = 0;
};

/// 0 at the smallest value, 1 at the largest. A constant mask says nothing about places and hides everything.
void scale_to_unit(cv::Mat& mask) {
  double low = 0, high = 0;
  cv::minMaxIdx(mask, &low, &high);
  if (high > low) {
    mask = (mask - low) / (high - low);
  } else {
    mask.setTo(0);
  }
}

void write_masked(const cv::Mat& crop, const cv::Mat& mask, const face::InputSpec& spec, std::uint8_t* out) {
  const std::uint8_t* in = crop.data;
  for (int y = 0; y < crop.rows; ++y)
    for (int x = 0; x < crop.cols; ++x)
      for (int c = 0; c < crop.channels(); ++c) {
        const float neutral = 255 * spec.mean[static_cast<std::size_t>(c)];
        const float value = neutral + mask.at<float>(y, x) * (static_cast<float>(*in++) - neutral);
        *out++ = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0f, 255.0f)));
      }
}

}  // namespace

ScoreMap score_cam(runtime::ExpressionSession& session, const face::ModelCard& card, const cv::Mat& crop,
                   const runtime::OutputMaps& activations, std::size_t target, const ScoreOptions& options) {
  const Channels channels(activations);
  const auto chosen = channels.strongest(options.channels);
  const face::OutputSpec& spec = face::output_named(card, activations.name);
  const CellAxis rows = cell_axis(spec, static_cast<int>(activations.shape[1]), card.input.height);
  const CellAxis columns = cell_axis(spec, static_cast<int>(activations.shape[2]), card.input.width);
  const std::size_t classes = card.classes.size(), bytes = crop.total() * crop.elemSize();
  std::vector<float> scores;
  for (std::size_t first = 0; first < chosen.size(); first += kScoreCamBatch) {
    const std::size_t count = std::min(kScoreCamBatch, chosen.size() - first);
    std::vector<std::uint8_t> batch(count * bytes);
    for (std::size_t i = 0; i < count; ++i) {
      cv::Mat mask = enlarge(channels.at(chosen[first + i]), rows, columns, crop.cols);
      scale_to_unit(mask);
      write_masked(crop, mask, card.input, batch.data() + i * bytes);
    }
    const auto logits = session.logits(batch, count, crop.cols, options.flip);
    for (std::size_t i = 0; i < count; ++i) scores.push_back(logits[i * classes + target]);
    if (options.on_batch) options.on_batch(scores.size(), chosen.size());
  }
  const auto weights = face::softmax(scores, 1);
  ScoreMap out{target, chosen.size(), channels.count(), {activations.name, activations.shape, {}}};
  out.map.shape.front() = 1;
  out.map.values.resize(channels.cells());
  for (std::size_t i = 0; i < chosen.size(); ++i)
    for (std::size_t cell = 0; cell < channels.cells(); ++cell)
      out.map.values[cell] += weights[i] * channels.at(chosen[i])[cell];
  for (float& value : out.map.values) value = std::max(value, 0.0f);
  return out;
}

}  // namespace mien::recognise
