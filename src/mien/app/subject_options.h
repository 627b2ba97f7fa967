// SPDX-License-Identifier: Apache-2.0
// The options of the commands that take a run or an exported model and a pack: eval, calibrate, noise-report.
#pragma once

#include <string>

#include "mien/app/choice_type.h"
#include "mien/app/program.h"

namespace mien::app {

/// `more` is added to the help: "; the calibration is written to it".
inline void add_model_argument(CLI::App* command, std::string& model, const std::string& more = "") {
  command->add_option("model", model, "Run folder, checkpoint (.safetensors) or exported model (.onnx)" + more)
      ->required()
      ->type_name("RUN|MODEL");
}

inline void add_data_option(CLI::App* command, std::string& data) {
  command->add_option("--data", data, "Packed data set (default: the pack that the run was trained on)")
      ->type_name("PACK");
}

inline void add_split_option(CLI::App* command, std::string& split) {
  command->add_option("--split", split, "Part of the pack")
      ->type_name(choice_type("NAME", {"train", "valid", "test"}))
      ->capture_default_str();
}

inline void add_device_option(CLI::App* command, std::string& device) {
  command->add_option("--device", device, "cpu, cuda or cuda:N (runs only)")
      ->type_name(choice_type("DEVICE", {"cpu", "cuda"}))
      ->capture_default_str();
}

}  // namespace mien::app
