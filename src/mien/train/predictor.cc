// SPDX-License-Identifier: Apache-2.0
#include "mien/train/predictor.h"

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/nn/layout.h"
#include "mien/nn/scaling.h"

namespace mien::train {

score::Predictor make_predictor(method::Method& method, const pack::Pack& pack, PredictorOptions options) {
  const auto& info = pack.info();
  const auto& input = method.facts().input;
  check_input(
      info.channels == input.channels,
      text(pack.path().string(), ": pictures have ", info.channels, " channels, the model wants ", input.channels, "."),
      "Pack the data set with the model's channels.");
  return [&method, &pack, options](std::span<const std::uint32_t> indices) {
    const torch::NoGradGuard no_grad;
    const auto images = method.facts().input;
    at::Tensor x =
        nn::normalise(nn::resize_to_input(batch::gather_pixels(pack, indices), images), images).to(options.device);
    if (options.channels_last) x = nn::channels_last(x);
    const nn::Autocast autocast(options.bfloat16, options.device.type());
    at::Tensor logits = method.predict(x).logits.to(at::kFloat);
    if (options.flip) logits = (logits + method.predict(x.flip(3)).logits.to(at::kFloat)) / 2;
    logits = logits.cpu().contiguous();
    const float* values = logits.const_data_ptr<float>();
    return std::vector<float>(values, values + logits.numel());
  };
}

}  // namespace mien::train
