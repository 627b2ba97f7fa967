// SPDX-License-Identifier: Apache-2.0
#include "mien/app/run_model.h"
#include "mien/app/subject.h"
#include "mien/base/toml.h"
#include "mien/nn/device.h"
#include "mien/train/predictor.h"

namespace mien::app {

Subject open_subject(const std::string& /*command*/, const std::string& path, const std::string& data,
                     const std::string& device_name) {
  const auto run = std::make_shared<RunModel>(load_run(path));
  const at::Device device = nn::device_from(device_name);
  run->method->network().to(device);
  const train::CheckpointInfo& info = run->info;
  Subject subject{SubjectKind::run,
                  run->checkpoint.string(),
                  data.empty() ? run->config.train().pack : data,
                  info.facts.classes,
                  info.temperature,
                  info.calibration,
                  info.facts.input.kind == face::InputKind::picture,
                  to_toml(info.config)};
  subject.predictor = [run, device](const pack::Pack& pack, bool flip, report::Responses*) {
    const train::PredictorOptions how{device, /*bfloat16=*/false, /*channels_last=*/false, flip};
    return [run, predict = train::make_predictor(*run->method, pack, how)](std::span<const std::uint32_t> indices) {
      return predict(indices);
    };
  };
  subject.box_predictor = [run, device](const pack::Pack& pack) {
    const train::PredictorOptions how{device, /*bfloat16=*/false, /*channels_last=*/false, /*flip=*/false};
    return [run, find = train::make_box_predictor(*run->method, pack, how)](std::span<const std::uint32_t> indices) {
      return find(indices);
    };
  };
  subject.store_calibration = [run](double temperature, const face::Calibration& calibration, const std::string&) {
    train::store_calibration(run->checkpoint, temperature, calibration);
    return run->checkpoint.string();
  };
  return subject;
}

}  // namespace mien::app
