// SPDX-License-Identifier: Apache-2.0
#include "mien/train/predictor.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/nn/layout.h"
#include "mien/nn/scaling.h"

namespace mien::train {
namespace {

void check_channels(const pack::Pack& pack, const face::InputSpec& input) {
  check_input(pack.info().channels == input.channels,
              fmt::format("{}: the pictures have {} channels, the model expects {}.", pack.path().string(),
                          pack.info().channels, input.channels),
              "Pack the data set with the number of channels that the model expects.");
}

/// The network's input for these pictures, on the device.
at::Tensor images_of(const pack::Pack& pack, std::span<const std::uint32_t> indices, const face::InputSpec& input,
                     const PredictorOptions& options) {
  const at::Tensor pixels = nn::resize_to_input(batch::gather_pixels(pack, indices), input);
  const at::Tensor x = nn::normalise(pixels, input).to(options.device);
  return options.channels_last ? nn::channels_last(x) : x;
}

/// Rows x, y, width, height, score, class in input pixels → boxes in packed pixels.
std::vector<face::ScoredBox> boxes_from(const at::Tensor& rows, const pack::PackInfo& info,
                                        const face::InputSpec& input) {
  const at::Tensor values = rows.to(at::kCPU, at::kFloat).contiguous();
  const auto at = values.accessor<float, 2>();
  const float x = static_cast<float>(info.width) / static_cast<float>(input.width);
  const float y = static_cast<float>(info.height) / static_cast<float>(input.height);
  std::vector<face::ScoredBox> out;
  for (std::int64_t i = 0; i < values.size(0); ++i)
    out.push_back({{at[i][0] * x, at[i][1] * y, at[i][2] * x, at[i][3] * y}, at[i][4], static_cast<int>(at[i][5])});
  return out;
}

}  // namespace

score::Predictor make_predictor(method::Method& method, const pack::Pack& pack, PredictorOptions options) {
  check_channels(pack, method.facts().input);
  return [&method, &pack, options](std::span<const std::uint32_t> indices) {
    const torch::NoGradGuard no_grad;
    const at::Tensor x = images_of(pack, indices, method.facts().input, options);
    const nn::Autocast autocast(options.bfloat16, options.device.type());
    at::Tensor logits = method.predict(x).logits.to(at::kFloat);
    if (options.flip) logits = (logits + method.predict(x.flip(3)).logits.to(at::kFloat)) / 2;
    logits = logits.cpu().contiguous();
    const float* values = logits.const_data_ptr<float>();
    return std::vector<float>(values, values + logits.numel());
  };
}

score::BoxPredictor make_box_predictor(method::Method& method, const pack::Pack& pack, PredictorOptions options) {
  check_channels(pack, method.facts().input);
  return [&method, &pack, options](std::span<const std::uint32_t> indices) {
    const torch::NoGradGuard no_grad;
    const face::InputSpec& input = method.facts().input;
    const at::Tensor x = images_of(pack, indices, input, options);
    const nn::Autocast autocast(options.bfloat16, options.device.type());
    std::vector<std::vector<face::ScoredBox>> out;
    for (const auto& rows : method.predict(x).detections) out.push_back(boxes_from(rows, pack.info(), input));
    return out;
  };
}

}  // namespace mien::train
