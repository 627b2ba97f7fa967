// SPDX-License-Identifier: Apache-2.0
#include "mien/face/card.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

#include "mien/base/error.h"
#include "mien/base/hash.h"
#include "mien/base/json_number.h"
#include "mien/base/shortest.h"
#include "mien/base/text.h"

namespace mien::face {
namespace {

constexpr std::array<std::string_view, 8> kKindNames = {"",       "logits", "boxes",    "maps",
                                                        "matrix", "values", "features", "picture"};

Json to_json(const OutputSpec& o) {
  Json json = {{"name", o.name}, {"meaning", o.meaning}, {"range", o.range}};
  if (o.kind != OutputKind::unstated) json["kind"] = to_string(o.kind);
  if (o.cell_stride > 0) json["cells"] = {{"stride", shortest(o.cell_stride)}, {"first", shortest(o.cell_first)}};
  if (!o.labels.empty()) json["labels"] = o.labels;
  return json;
}

OutputKind kind_from(const std::string& name, const std::string& origin) {
  const auto at = std::find(kKindNames.begin() + 1, kKindNames.end(), name);
  check_input(at != kKindNames.end(), fmt::format("{}: unknown kind of output {}.", origin, quote(name)),
              "Use the version of mien that wrote the model, or a newer one.");
  return static_cast<OutputKind>(at - kKindNames.begin());
}

OutputSpec output_from_json(const Json& json, int version, const std::string& origin) {
  OutputSpec o{json_at<std::string>(json, "name", origin), json_at<std::string>(json, "meaning", origin),
               json_at<std::string>(json, "range", origin)};
  if (version >= 2 && json.contains("kind")) o.kind = kind_from(json_at<std::string>(json, "kind", origin), origin);
  if (json.contains("cells")) {
    o.cell_stride = json_number<float>(json.at("cells"), "stride", origin);
    o.cell_first = json_number<float>(json.at("cells"), "first", origin);
    check_input(o.cell_stride > 0, fmt::format("{}: an output's cell stride must be positive.", origin));
  }
  if (json.contains("labels")) {
    o.labels = json_at<std::vector<std::string>>(json, "labels", origin);
    check_input(!o.labels.empty() && std::set(o.labels.begin(), o.labels.end()).size() == o.labels.size(),
                fmt::format("{}: the output {} needs one or more different labels.", origin, quote(o.name)));
  }
  return o;
}

/// Boxes belong to whole pictures and come first; logits belong to faces.
void check_outputs(const ModelCard& card, const std::string& origin) {
  check_input(!card.outputs.empty(), fmt::format("{}: the card lists no output.", origin));
  const bool is_picture = card.input.kind == InputKind::picture;
  const OutputKind first = card.outputs.front().kind;
  const OutputKind expected = is_picture ? OutputKind::boxes : OutputKind::logits;
  check_input(first == expected || (first == OutputKind::unstated && !is_picture),
              fmt::format("{}: the first output is {}; expected for this kind of input: {}.", origin,
                          quote(to_string(first)), quote(to_string(expected))));
}

}  // namespace

OutputSpec face_values(std::string name, std::string meaning, std::string range, std::vector<std::string> labels) {
  if (labels.empty()) labels = {name};
  return {std::move(name), std::move(meaning), std::move(range), 0, 0, std::move(labels), OutputKind::values};
}

const OutputSpec& output_named(const ModelCard& card, const std::string& name) {
  const auto found =
      std::find_if(card.outputs.begin(), card.outputs.end(), [&](const auto& o) { return o.name == name; });
  check_input(found != card.outputs.end(), fmt::format("The model's card has no output {}.", quote(name)));
  return *found;
}

std::string_view to_string(OutputKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

bool finds_boxes(const ModelCard& card) {
  return !card.outputs.empty() && card.outputs.front().kind == OutputKind::boxes;
}

OutputKind kind_of(const OutputSpec& output, std::size_t rank) {
  if (output.kind != OutputKind::unstated) return output.kind;
  if (output.name == kLogits) return OutputKind::logits;
  if (!output.labels.empty()) return OutputKind::values;
  if (rank == 2) return OutputKind::features;
  return rank == 3 ? OutputKind::matrix : OutputKind::maps;
}

Json to_json(const ModelCard& card) {
  Json outputs = Json::array();
  for (const auto& o : card.outputs) outputs.push_back(to_json(o));
  Json json = {{"card_version", card.version},
               {"method", card.method},
               {"name", card.name},
               {"mien_version", card.mien_version},
               {"classes", card.classes},
               {"input", to_json(card.input)},
               {"outputs", outputs},
               {"temperature", card.temperature}};
  if (card.version >= 2) {
    json["recipe"] = card.provenance.recipe;
    json["lineage"] = to_json(card.provenance.lineage);
  }
  json["training"] = card_entry(card.provenance);
  json["metrics"] = card.metrics;
  json["parameters"] = card.parameters;
  json["multiply_adds"] = card.multiply_adds;
  json["weights_hash"] = card.weights_hash;
  if (card.calibration) json["calibration"] = to_json(*card.calibration);
  json["card_hash"] = content_hash(compact(json));
  return json;
}

ModelCard card_from_json(const Json& json, const std::string& origin) {
  Json body = json;
  ModelCard card;
  card.card_hash = json_at<std::string>(json, "card_hash", origin);
  body.erase("card_hash");
  check_input(content_hash(compact(body)) == card.card_hash,
              fmt::format("{}: the model card was changed after export (its hash differs).", origin),
              "Use the original file, or export the model again.");
  card.version = json_number<int>(json, "card_version", origin);
  check_input(card.version >= 1 && card.version <= kCardVersion,
              fmt::format("{}: card version {}; this version of mien reads versions 1 to {}.", origin, card.version,
                          kCardVersion),
              "Use the version of mien that wrote the model, or a newer one.");
  card.method = json_at<std::string>(json, "method", origin);
  card.name = json_at<std::string>(json, "name", origin);
  card.mien_version = json_at<std::string>(json, "mien_version", origin);
  card.classes = json_at<std::vector<std::string>>(json, "classes", origin);
  check_input(
      card.classes.size() >= 2 && std::set(card.classes.begin(), card.classes.end()).size() == card.classes.size(),
      fmt::format("{}: the card needs at least two different classes.", origin));
  card.input = input_spec_from_json(json_at<Json>(json, "input", origin), origin);
  for (const auto& o : json_at<Json>(json, "outputs", origin))
    card.outputs.push_back(output_from_json(o, card.version, origin));
  check_outputs(card, origin);
  card.temperature = json_number<double>(json, "temperature", origin);
  check_input(card.temperature > 0, fmt::format("{}: the temperature must be positive.", origin));
  card.provenance = provenance_from_json(json_at<Json>(json, "training", origin), origin);
  if (card.version >= 2) {
    card.provenance.recipe = json_at<std::string>(json, "recipe", origin);
    card.provenance.lineage = lineage_from_json(json_at<Json>(json, "lineage", origin), origin);
  }
  card.metrics = json_at<Json>(json, "metrics", origin);
  card.parameters = json_number<std::int64_t>(json, "parameters", origin);
  card.multiply_adds = json_number<std::int64_t>(json, "multiply_adds", origin);
  card.weights_hash = json_at<std::string>(json, "weights_hash", origin);
  if (json.contains("calibration")) card.calibration = calibration_from_json(json.at("calibration"), origin);
  return card;
}

}  // namespace mien::face
