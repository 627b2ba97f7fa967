// SPDX-License-Identifier: Apache-2.0
#include "mien/face/input_spec.h"

#include <fmt/core.h>

#include <array>
#include <string_view>

#include "mien/base/error.h"
#include "mien/base/json_number.h"
#include "mien/base/shortest.h"
#include "mien/base/text.h"

namespace mien::face {
namespace {

constexpr std::string_view kFace = "face", kPicture = "picture";

Json point_json(Point p) { return Json::array({shortest(p.x), shortest(p.y)}); }

Json numbers_json(const std::vector<float>& values) {
  Json out = Json::array();
  for (const float value : values) out.push_back(shortest(value));
  return out;
}

Point point_from(const Json& json, const char* key, const std::string& origin) {
  const auto values = json_numbers<float>(json, key, origin);
  check_input(values.size() == 2, fmt::format("{}: crop.{} needs two numbers.", origin, key));
  return {values[0], values[1]};
}

}  // namespace

Similarity CropRule::crop_from_image(const Landmarks& landmarks, int side_px) const {
  const float side = static_cast<float>(side_px);
  const Point mouth_in_image{(landmarks.left_mouth.x + landmarks.right_mouth.x) / 2,
                             (landmarks.left_mouth.y + landmarks.right_mouth.y) / 2};
  const std::array<Point, 4> source{landmarks.left_eye, landmarks.right_eye, landmarks.nose, mouth_in_image};
  std::array<Point, 4> target{left_eye, right_eye, nose, mouth};
  for (Point& p : target) p = {p.x * side, p.y * side};
  return fit_similarity(source, target);
}

Json to_json(const CropRule& rule) {
  return {{"name", rule.name},
          {"left_eye", point_json(rule.left_eye)},
          {"right_eye", point_json(rule.right_eye)},
          {"nose", point_json(rule.nose)},
          {"mouth", point_json(rule.mouth)}};
}

Json to_json(const InputSpec& spec) {
  Json json = {{"width", spec.width},
               {"height", spec.height},
               {"channels", spec.channels},
               {"color", spec.channels == 1 ? "grey" : "rgb"},
               {"mean", numbers_json(spec.mean)},
               {"std", numbers_json(spec.std)},
               {"source_side", spec.source_side}};
  if (spec.kind == InputKind::face)
    json["crop"] = to_json(spec.crop);
  else
    json["kind"] = kPicture;
  if (spec.contrast) json["contrast"] = to_json(*spec.contrast);
  return json;
}

CropRule crop_rule_from_json(const Json& json, const std::string& origin) {
  CropRule rule;
  rule.name = json_at<std::string>(json, "name", origin);
  rule.left_eye = point_from(json, "left_eye", origin);
  rule.right_eye = point_from(json, "right_eye", origin);
  rule.nose = point_from(json, "nose", origin);
  rule.mouth = point_from(json, "mouth", origin);
  return rule;
}

InputSpec input_spec_from_json(const Json& json, const std::string& origin) {
  InputSpec spec;
  spec.width = json_number<int>(json, "width", origin);
  spec.height = json_number<int>(json, "height", origin);
  spec.channels = json_number<int>(json, "channels", origin);
  spec.mean = json_numbers<float>(json, "mean", origin);
  spec.std = json_numbers<float>(json, "std", origin);
  spec.source_side = json_number<int>(json, "source_side", origin);
  const std::string kind = json.contains("kind") ? json_at<std::string>(json, "kind", origin) : std::string(kFace);
  check_input(kind == kFace || kind == kPicture,
              fmt::format("{}: unknown kind of input {}, expected face or picture.", origin, quote(kind)));
  spec.kind = kind == kFace ? InputKind::face : InputKind::picture;
  if (spec.kind == InputKind::face) spec.crop = crop_rule_from_json(json_at<Json>(json, "crop", origin), origin);
  if (json.contains("contrast")) spec.contrast = clahe_rule_from_json(json.at("contrast"), origin);
  auto in = [](int v, int lo, int hi) { return v >= lo && v <= hi; };
  check_input(in(spec.width, 8, 2048) && in(spec.height, 8, 2048) && in(spec.source_side, 0, 2048),
              fmt::format("{}: input size {}x{} is out of range 8..2048.", origin, spec.width, spec.height));
  check_input(spec.channels == 1 || spec.channels == 3,
              fmt::format("{}: input channels {}, expected 1 or 3.", origin, spec.channels));
  const auto k = static_cast<std::size_t>(spec.channels);
  check_input(spec.mean.size() == k && spec.std.size() == k,
              fmt::format("{}: mean and std need one number per channel.", origin));
  for (float s : spec.std) check_input(s > 0, fmt::format("{}: std must be positive.", origin));
  if (!spec.contrast) return spec;
  check_input(spec.channels == 1, fmt::format("{}: contrast equalisation needs a grey input (1 channel).", origin));
  check_input(spec.width > spec.contrast->tiles && spec.height > spec.contrast->tiles,
              fmt::format("{}: contrast equalisation with {} tiles per side needs a larger input than {}x{}.", origin,
                          spec.contrast->tiles, spec.width, spec.height));
  return spec;
}

}  // namespace mien::face
