// SPDX-License-Identifier: Apache-2.0
#include "mien/train/validation.h"

#include <fmt/core.h>

#include <map>

#include "mien/base/error.h"
#include "mien/train/predictor.h"

namespace mien::train {
namespace {

/// The first figure selects the best epoch.
Validation by_score(method::Method& method, const method::Stage& stage, const StageData& data,
                    const ValidationOptions& options) {
  method.network().eval();
  const auto figures = stage.score([&](const std::function<bool(const batch::Batch&)>& visit) {
    for_each_validation_batch(method, stage, data, options, visit);
  });
  if (figures.empty()) throw Error(ErrorKind::failed, fmt::format("Stage {}: its score is empty.", stage.name));
  Validation out;
  out.judgement = {figures.front().first, figures.front().second, figures.front().second};
  for (const auto& [name, value] : figures) {
    out.row["valid"][name] = value;
    out.text += fmt::format("  valid {} {:.4f}", name, value);
  }
  return out;
}

Validation by_loss(method::Method& method, const method::Stage& stage, const StageData& data,
                   const ValidationOptions& options) {
  method.network().eval();
  double sum = 0, pictures = 0;
  std::map<std::string, double> terms;
  for_each_validation_batch(method, stage, data, options, [&](const batch::Batch& batch) {
    const auto size = static_cast<double>(batch.size());
    const method::Losses losses = stage.validate(batch);
    sum += method::total(losses).item<double>() * size;
    for (const auto& term : losses) terms[term.name] += term.value.item<double>() * size;
    pictures += size;
    return true;
  });
  const double loss = sum / pictures;
  Validation out{{"loss", loss, -loss}, {{"valid", {{"loss", loss}}}}, fmt::format("  valid loss {:.4f}", loss)};
  for (const auto& [name, value] : terms) {
    out.row["valid_terms"][name] = value / pictures;
    out.text += fmt::format("  {} {:.4f}", name, value / pictures);
  }
  return out;
}

Validation by_accuracy(method::Method& method, const StageData& data, const ValidationOptions& options) {
  const auto predictor =
      make_predictor(method, *data.pack, {options.device, options.bfloat16, options.channels_last, false});
  const auto valid = score::evaluate(predictor, method.facts().classes, *data.pack, pack::Split::valid,
                                     {.batch_size = 128, .temperature = 1, .seed = 0, .progress = {}});
  Validation out;
  out.judgement = {"accuracy", valid.accuracy, valid.accuracy};
  out.row["valid"] = {{"accuracy", valid.accuracy}, {"mean_recall", valid.mean_recall}, {"ece", valid.ece}};
  out.text =
      fmt::format("  valid accuracy {:.2f} %  mean recall {:.2f} %", 100 * valid.accuracy, 100 * valid.mean_recall);
  if (data.train->truth().empty()) return out;
  if (const auto noise = NoiseWatch(*data.train).judge(predictor)) {
    out.row["noise"] = {{"wrong", noise->wrong}, {"memorised", noise->memorised}, {"recovered", noise->recovered}};
    out.text += fmt::format("  memorised {:.1f} % of the wrong labels", 100 * noise->memorised);
  }
  return out;
}

/// For a detector, from predict()'s boxes.
Validation by_average_precision(method::Method& method, const StageData& data, const ValidationOptions& options) {
  const auto predictor =
      make_box_predictor(method, *data.pack, {options.device, options.bfloat16, options.channels_last, false});
  const auto scores = score::evaluate_boxes(predictor, method.facts().classes, *data.pack, pack::Split::valid,
                                            {.batch_size = options.batch_size, .progress = {}, .with_baselines = false})
                          .scores;
  Validation out;
  out.judgement = {"map50", scores.voc_map50, scores.voc_map50};
  out.row["valid"] = {{"map50", scores.voc_map50}, {"map50_95", scores.coco_map}};
  out.text = fmt::format("  valid mAP50 {:.4f}  mAP50:95 {:.4f}", scores.voc_map50, scores.coco_map);
  return out;
}

}  // namespace

void for_each_validation_batch(const method::Method& method, const method::Stage& stage, const StageData& data,
                               const ValidationOptions& options,
                               const std::function<bool(const batch::Batch&)>& visit) {
  const batch::PackedSet set(data.pack, pack::Split::valid, 0, 0, stage.needs.labels);
  const nn::Autocast autocast(options.bfloat16, options.device.type());
  batch::for_each_batch(set, method.facts().input, options.batch_size, options.device, visit, fields_of(stage.needs));
}

Validation validate(method::Method& method, const method::Stage& stage, const StageData& data,
                    const ValidationOptions& options) {
  const torch::NoGradGuard no_grad;
  if (stage.score) return by_score(method, stage, data, options);
  if (stage.validate) return by_loss(method, stage, data, options);
  if (stage.needs.boxes) return by_average_precision(method, data, options);
  if (stage.needs.labels) return by_accuracy(method, data, options);
  return {};
}

}  // namespace mien::train
