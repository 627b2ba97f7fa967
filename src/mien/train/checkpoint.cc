// SPDX-License-Identifier: Apache-2.0
#include "mien/train/checkpoint.h"

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/nn/finite.h"

namespace mien::train {
namespace {

constexpr const char* kInfoKey = "mien.checkpoint";

bool is_bookkeeping(const std::string& key) { return key.starts_with("optimiser.") || key.starts_with("ema."); }

}  // namespace

std::map<std::string, std::string> to_metadata(const CheckpointInfo& info) {
  Json json = {{"config", info.config},
               {"classes", info.facts.classes},
               {"input", face::to_json(info.facts.input)},
               {"training", face::to_json(info.provenance)},
               {"metrics", info.metrics}};
  if (info.calibration) json["temperature"] = info.temperature, json["calibration"] = face::to_json(*info.calibration);
  return {{kInfoKey, compact(json)}};
}

CheckpointInfo info_from(const std::map<std::string, std::string>& metadata, const std::string& origin) {
  const auto found = metadata.find(kInfoKey);
  check_input(found != metadata.end(), origin + ": not a mien checkpoint (it contains no configuration).",
              "Give a run folder or its best.safetensors.");
  const Json json = parse_json(found->second, origin);
  CheckpointInfo info;
  info.config = json_at<Json>(json, "config", origin);
  info.facts.classes = json_at<std::vector<std::string>>(json, "classes", origin);
  info.facts.input = face::input_spec_from_json(json_at<Json>(json, "input", origin), origin);
  info.provenance = face::provenance_from_json(json_at<Json>(json, "training", origin), origin);
  info.metrics = json_at<Json>(json, "metrics", origin);
  if (!json.contains("calibration")) return info;
  info.temperature = json_at<double>(json, "temperature", origin);
  check_input(info.temperature > 0, origin + ": the temperature must be positive.", "Calibrate again: mien calibrate.");
  info.calibration = face::calibration_from_json(json.at("calibration"), origin);
  return info;
}

void store_calibration(const std::filesystem::path& checkpoint, double temperature,
                       const face::Calibration& calibration) {
  const nn::TensorFile file = nn::read_safetensors(checkpoint);
  CheckpointInfo info = info_from(file.metadata, checkpoint.string());
  info.temperature = temperature;
  info.calibration = calibration;
  auto metadata = file.metadata;
  for (auto& [key, value] : to_metadata(info)) metadata[key] = value;
  nn::write_safetensors(checkpoint, file.tensors, metadata);
}

nn::NamedTensors weights_of(method::Method& method) {
  nn::NamedTensors out = nn::state_of(method.network());
  for (const auto& extra : method.extra_state()) out.push_back(extra);
  return out;
}

bool is_checkpoint(const std::map<std::string, std::string>& metadata) { return metadata.contains(kInfoKey); }

nn::NamedTensors without_bookkeeping(const nn::NamedTensors& tensors) {
  nn::NamedTensors out;
  for (const auto& entry : tensors)
    if (!is_bookkeeping(entry.first)) out.push_back(entry);
  return out;
}

void load_weights(method::Method& method, const nn::TensorFile& file) {
  const nn::NamedTensors weights = without_bookkeeping(file.tensors);
  nn::require_finite(weights, file.origin);
  nn::NamedTensors network;
  const auto extra = method.extra_state();
  const torch::NoGradGuard no_grad;
  for (const auto& [key, value] : weights) {
    const auto found = std::find_if(extra.begin(), extra.end(), [&, k = key](const auto& e) { return e.first == k; });
    if (found == extra.end())
      network.emplace_back(key, value);
    else if (found->second.sizes() == value.sizes())
      at::Tensor(found->second).copy_(value);
  }
  nn::load_state(method.network(), network, file.origin);
}

nn::NamedTensors with_prefix_removed(const nn::NamedTensors& tensors, const std::string& prefix) {
  nn::NamedTensors out;
  for (const auto& [key, value] : tensors)
    if (key.starts_with(prefix)) out.emplace_back(key.substr(prefix.size()), value);
  return out;
}

std::filesystem::path checkpoint_path(const std::filesystem::path& path) {
  if (!path_is_folder(path)) {
    require_file(path, "run folder or checkpoint");
    return path;
  }
  for (const char* name : {"best.safetensors", "last.safetensors"})
    if (path_exists(path / name)) return path / name;
  throw Error(ErrorKind::missing, path.string() + ": the folder contains no checkpoint.",
              "Give the folder of a run (runs/train/<name>).");
}

}  // namespace mien::train
