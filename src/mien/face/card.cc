// SPDX-License-Identifier: Apache-2.0
#include "mien/face/card.h"

#include <algorithm>
#include <set>

#include "mien/base/error.h"
#include "mien/base/hash.h"
#include "mien/base/text.h"

namespace mien::face {

OutputSpec face_values(std::string name, std::string meaning, std::string range, std::vector<std::string> labels) {
  if (labels.empty()) labels = {name};
  return {std::move(name), std::move(meaning), std::move(range), 0, 0, std::move(labels)};
}

const OutputSpec& output_named(const ModelCard& card, const std::string& name) {
  const auto found =
      std::find_if(card.outputs.begin(), card.outputs.end(), [&](const auto& o) { return o.name == name; });
  check_input(found != card.outputs.end(), text("The model's card has no output ", quote(name), "."));
  return *found;
}

Json to_json(const ModelCard& card) {
  Json outputs = Json::array();
  for (const auto& o : card.outputs) {
    outputs.push_back({{"name", o.name}, {"meaning", o.meaning}, {"range", o.range}});
    if (o.cell_stride > 0) outputs.back()["cells"] = {{"stride", o.cell_stride}, {"first", o.cell_first}};
    if (!o.labels.empty()) outputs.back()["labels"] = o.labels;
  }
  Json json = {{"card_version", kCardVersion},
               {"method", card.method},
               {"name", card.name},
               {"mien_version", card.mien_version},
               {"classes", card.classes},
               {"input", to_json(card.input)},
               {"outputs", outputs},
               {"temperature", card.temperature},
               {"training", card.training},
               {"metrics", card.metrics},
               {"parameters", card.parameters},
               {"multiply_adds", card.multiply_adds},
               {"weights_hash", card.weights_hash}};
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
              text(origin, ": the model card was changed after export (its hash differs)."),
              "Use the original file, or export again.");
  const int card_version = json_at<int>(json, "card_version", origin);
  check_input(card_version == kCardVersion,
              text(origin, ": card version ", card_version, ", this mien reads ", kCardVersion, "."));
  card.method = json_at<std::string>(json, "method", origin);
  card.name = json_at<std::string>(json, "name", origin);
  card.mien_version = json_at<std::string>(json, "mien_version", origin);
  card.classes = json_at<std::vector<std::string>>(json, "classes", origin);
  check_input(
      card.classes.size() >= 2 && std::set(card.classes.begin(), card.classes.end()).size() == card.classes.size(),
      text(origin, ": the card needs two or more different classes."));
  card.input = input_spec_from_json(json_at<Json>(json, "input", origin), origin);
  for (const auto& o : json_at<Json>(json, "outputs", origin)) {
    card.outputs.push_back({json_at<std::string>(o, "name", origin), json_at<std::string>(o, "meaning", origin),
                            json_at<std::string>(o, "range", origin)});
    OutputSpec& output = card.outputs.back();
    if (o.contains("cells")) {
      output.cell_stride = json_at<float>(o.at("cells"), "stride", origin);
      output.cell_first = json_at<float>(o.at("cells"), "first", origin);
      check_input(output.cell_stride > 0, text(origin, ": an output's cell stride must be positive."));
    }
    if (o.contains("labels")) {
      output.labels = json_at<std::vector<std::string>>(o, "labels", origin);
      check_input(
          !output.labels.empty() && std::set(output.labels.begin(), output.labels.end()).size() == output.labels.size(),
          text(origin, ": the output ", quote(output.name), " needs different labels, one or more."));
    }
  }
  check_input(!card.outputs.empty(), text(origin, ": the card names no output."));
  card.temperature = json_at<double>(json, "temperature", origin);
  check_input(card.temperature > 0, text(origin, ": temperature must be positive."));
  card.training = json_at<Json>(json, "training", origin);
  card.metrics = json_at<Json>(json, "metrics", origin);
  card.parameters = json_at<std::int64_t>(json, "parameters", origin);
  card.multiply_adds = json_at<std::int64_t>(json, "multiply_adds", origin);
  card.weights_hash = json_at<std::string>(json, "weights_hash", origin);
  if (json.contains("calibration")) card.calibration = calibration_from_json(json.at("calibration"), origin);
  return card;
}

}  // namespace mien::face
