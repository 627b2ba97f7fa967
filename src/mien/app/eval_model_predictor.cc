// SPDX-License-Identifier: Apache-2.0
#include "mien/app/eval_model_predictor.h"

#include <memory>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::app {
namespace {

void gather(const runtime::ExpressionSession& session, const face::ModelCard& card,
            std::span<const std::uint32_t> indices, report::Responses& responses) {
  for (std::size_t i = 0; i < indices.size(); ++i) {
    responses.pictures.push_back(indices[i]);
    for (const auto& values : session.values(i)) responses.add(face::output_named(card, values.name), values.values);
    for (const auto& feature : session.features(i))
      responses.add(face::output_named(card, feature.name), feature.values);
  }
}

}  // namespace

score::Predictor make_predictor(const runtime::ExpressionModel& model, const pack::Pack& pack, bool flip,
                                report::Responses* responses) {
  const auto& input = model.card().input;
  check_input(pack.info().channels == input.channels,
              text(pack.path().string(), ": pictures have ", pack.info().channels, " channels, the model wants ",
                   input.channels, "."),
              "Pack the data set with the model's channels.");
  return [session = std::make_shared<runtime::ExpressionSession>(model), card = model.card(), &pack, flip,
          responses](std::span<const std::uint32_t> indices) {
    std::vector<std::uint8_t> crops;
    for (auto i : indices) {
      const auto pixels = pack.pixels(i);
      crops.insert(crops.end(), pixels.begin(), pixels.end());
    }
    auto logits = session->logits(crops, indices.size(), pack.info().width, flip);
    if (responses) gather(*session, card, indices, *responses);
    return logits;
  };
}

}  // namespace mien::app
