// SPDX-License-Identifier: Apache-2.0
#include "mien/cli/eval_model_predictor.h"

#include <memory>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::cli {

eval::Predictor make_predictor(const runtime::ExpressionModel& model, const pack::Pack& pack, bool flip) {
  const auto& input = model.card().input;
  check_input(pack.info().channels == input.channels,
              text(pack.path().string(), ": pictures have ", pack.info().channels, " channels, the model wants ", input.channels, "."),
              "Pack the data set with the model's channels.");
  return [session = std::make_shared<runtime::ExpressionSession>(model), &pack, flip](std::span<const std::uint32_t> indices) {
    std::vector<std::uint8_t> crops;
    for (auto i : indices) {
      const auto pixels = pack.pixels(i);
      crops.insert(crops.end(), pixels.begin(), pixels.end());
    }
    return session->logits(crops, indices.size(), pack.info().width, flip);
  };
}

}  // namespace mien::cli
