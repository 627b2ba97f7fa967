// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <memory>

#include "mien/app/subject.h"
#include "mien/base/error.h"
#include "mien/runtime/box_session.h"
#include "mien/runtime/expression_model.h"

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

void check_channels(const pack::Pack& pack, const face::InputSpec& input) {
  check_input(pack.info().channels == input.channels,
              fmt::format("{}: the pictures have {} channels, the model expects {}.", pack.path().string(),
                          pack.info().channels, input.channels),
              "Pack the data set with the number of channels that the model expects.");
}

/// The pixels of these pictures, one after the other.
std::vector<std::uint8_t> pixels_of(const pack::Pack& pack, std::span<const std::uint32_t> indices) {
  std::vector<std::uint8_t> out;
  for (const auto i : indices) {
    const auto pixels = pack.pixels(i);
    out.insert(out.end(), pixels.begin(), pixels.end());
  }
  return out;
}

score::Predictor predictor_of(const runtime::ExpressionModel& model, const pack::Pack& pack, bool flip,
                              report::Responses* responses) {
  check_channels(pack, model.card().input);
  return [session = std::make_shared<runtime::ExpressionSession>(model), card = model.card(), &pack, flip,
          responses](std::span<const std::uint32_t> indices) {
    auto logits = session->logits(pixels_of(pack, indices), indices.size(), pack.info().width, flip);
    if (responses) gather(*session, card, indices, *responses);
    return logits;
  };
}

score::BoxPredictor box_predictor_of(const runtime::ExpressionModel& model, const pack::Pack& pack) {
  check_channels(pack, model.card().input);
  return [session = std::make_shared<runtime::BoxSession>(model), &pack](std::span<const std::uint32_t> indices) {
    const runtime::BoxLimits limits{face::kLeastScoreOfJudging, face::kMaxIouOfJudging, 100};
    return session->boxes(pixels_of(pack, indices), indices.size(), pack.info().width, pack.info().height, limits);
  };
}

}  // namespace

Subject open_subject(const std::string& command, const std::string& file, const std::string& data,
                     const std::string& device) {
  if (data.empty())
    fail_usage(fmt::format("{} needs --data PACK for an exported model.", command),
               "Create a pack with 'mien data pack'.");
  if (device != "cpu")
    fail_usage("--device works only for runs; an exported model runs on the processor.",
               "Remove --device, or give the run instead.");
  const auto model = runtime::ExpressionModel::load(file);
  const face::ModelCard& card = model.card();
  Subject subject{
      SubjectKind::model,         file, data, card.classes, card.temperature, card.calibration, face::finds_boxes(card),
      pretty(face::to_json(card))};
  subject.predictor = [model](const pack::Pack& pack, bool flip, report::Responses* responses) {
    return predictor_of(model, pack, flip, responses);
  };
  subject.box_predictor = [model](const pack::Pack& pack) { return box_predictor_of(model, pack); };
  subject.store_calibration = [file, card](double temperature, const face::Calibration& calibration,
                                           const std::string& output) {
    face::ModelCard calibrated = card;
    calibrated.temperature = temperature;
    calibrated.calibration = calibration;
    const std::string target = output.empty() ? file : output;
    runtime::write_card(file, calibrated, target);
    return target;
  };
  return subject;
}

}  // namespace mien::app
