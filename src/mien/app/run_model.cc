// SPDX-License-Identifier: Apache-2.0
#include "mien/app/run_model.h"
#include "mien/methods/registry.h"

namespace mien::app {

RunModel load_run(const std::filesystem::path& path) {
  const auto checkpoint = train::checkpoint_path(path);
  const auto file = nn::read_safetensors(checkpoint);
  train::CheckpointInfo info = train::info_from(file.metadata, checkpoint.string());
  // The program defines the named rules: new measurements of their geometry also apply to checkpoints that name them.
  if (info.facts.input.crop.name == face::CropRule{}.name) info.facts.input.crop = face::CropRule{};
  auto config = train::RunConfig::from_json(info.config, checkpoint.string(), methods::make_config);
  auto method = config.build(info.facts);
  train::load_weights(*method, file);
  return {checkpoint, std::move(info), std::move(config), std::move(method)};
}

}  // namespace mien::app
