// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "mien/app/calibrate_options.h"

namespace mien::app {

void declare(CLI::App* command, CalibrateArguments& a) {
  command
      ->add_option("model", a.model,
                   "Run folder, checkpoint (.safetensors) or exported model (.onnx); the calibration is written to it")
      ->required();
  command->add_option("--data", a.data, "Packed data set (default: the pack that the run was trained on)");
  command->add_option("--split", a.split, "Part for the fit; only valid is allowed")->capture_default_str();
  command->add_flag("--test", a.test, "Also show the effect of the calibration on the test part");
  command->add_flag("--flip", a.flip,
                    "Calibrate the mean of each picture and its mirror image, for predictions with --flip");
  command
      ->add_option("-o,--output", a.output,
                   "Write the calibrated model to this file and leave the exported model unchanged")
      ->type_name("FILE");
  command->add_option("--device", a.device, "cpu, cuda or cuda:N (runs only)")->capture_default_str();
}

score::CalibrateOptions calibrate_options(const Program& program, const CalibrateArguments& a,
                                          double temperature_before) {
  score::CalibrateOptions options;
  const auto split = pack::split_from(a.split);
  if (!split) fail_usage(text("--split ", quote(a.split), " is not a part of a pack."), "Use --split valid.");
  options.split = *split;
  score::check_split(options.split);
  options.temperature_before = temperature_before;
  options.flip = a.flip;
  options.test = a.test;
  options.command = program.command_line();
  options.progress = program.progress();
  return options;
}

void print_calibration(const Program& program, const CalibrateArguments& a, const score::CalibrationResult& result,
                       const pack::Pack& pack, const std::string& file) {
  if (program.json()) {
    Json json = {{"model", a.model}, {"file", file}, {"data", pack.path().string()}, {"split", a.split}};
    json.update(score::to_json(result));
    std::cout << compact(json) << std::endl;
    return;
  }
  std::cout << a.model << " on " << pack.path().string() << ", label rule " << pack.info().label_rule << "\n"
            << score::to_text(result) << "\nwritten to " << file << "\n"
            << std::flush;
}

}  // namespace mien::app
