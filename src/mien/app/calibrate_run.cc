// SPDX-License-Identifier: Apache-2.0
// mien calibrate RUN: a checkpoint under LibTorch; the calibration is written into it, and export carries it on.
#include <memory>

#include "mien/app/calibrate_options.h"
#include "mien/app/commands.h"
#include "mien/app/run_model.h"
#include "mien/base/command.h"
#include "mien/nn/device.h"
#include "mien/train/predictor.h"

namespace mien::app {
namespace {

int calibrate_run(const Program& program, const CalibrateArguments& a) {
  if (!a.output.empty())
    fail_usage("-o works only for exported models; the calibration of a run is stored in the run.", "Remove -o.");
  calibrate_options(program, a, 1);  // a wrong split is reported before anything is loaded
  RunModel run = load_run(a.model);
  const pack::Pack pack(a.data.empty() ? run.info.config.at("data").at("pack").get<std::string>() : a.data);
  const at::Device device = nn::device_from(a.device);
  run.method->network().to(device);
  const auto predictor =
      train::make_predictor(*run.method, pack, {device, /*bfloat16=*/false, /*channels_last=*/false, a.flip});
  const auto result =
      score::calibrate(predictor, run.info.facts.classes, pack, calibrate_options(program, a, run.info.temperature));
  train::store_calibration(run.checkpoint, result.temperature, result.calibration);
  print_calibration(program, a, result, pack, run.checkpoint.string());
  program.say("next: mien export " + shell_quote(a.model) + " -o model.onnx");
  return 0;
}

}  // namespace

void add_calibrate_run(Program& program) {
  auto arguments = std::make_shared<CalibrateArguments>();
  CLI::App* command = program.command("calibrate", "Calibrate a run's probabilities on validation data",
                                      [&program, arguments] { return calibrate_run(program, *arguments); });
  declare(command, *arguments);
  program.add_json_flag(command);
}

}  // namespace mien::app
