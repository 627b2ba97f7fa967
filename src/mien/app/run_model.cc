// SPDX-License-Identifier: Apache-2.0
#include "mien/app/run_model.h"
#include "mien/methods/registry.h"
#include "mien/train/run_config.h"

namespace mien::app {

RunModel load_run(const std::filesystem::path& path) {
  RunModel run;
  run.checkpoint = train::checkpoint_path(path);
  const auto file = nn::read_safetensors(run.checkpoint);
  run.info = train::info_from(file.metadata, run.checkpoint.string());
  // A named rule has one home, the program: measuring its geometry again reaches checkpoints that name it.
  if (run.info.facts.input.crop.name == face::CropRule{}.name) run.info.facts.input.crop = face::CropRule{};
  run.method =
      train::RunConfig::from_json(run.info.config, run.checkpoint.string(), methods::make_config).build(run.info.facts);
  train::load_weights(*run.method, file);
  return run;
}

}  // namespace mien::app
