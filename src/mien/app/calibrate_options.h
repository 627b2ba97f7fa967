// SPDX-License-Identifier: Apache-2.0
// The options of `mien calibrate`, the same for runs (mien-lab) and exported models (mien).
#pragma once

#include <string>

#include "mien/app/eval_options.h"
#include "mien/score/calibrate.h"

namespace mien::app {

struct CalibrateArguments {
  std::string model, data, split = "valid", output, device = "cpu";
  bool flip = false, test = false;
};

void declare(CLI::App* command, CalibrateArguments& a);
/// Throws usage for a split that must not be used for the fit.
score::CalibrateOptions calibrate_options(const Program& program, const CalibrateArguments& a,
                                          double temperature_before);
/// Prints to stdout, as JSON with --json, otherwise as text; `file` is the file with the calibration.
void print_calibration(const Program& program, const CalibrateArguments& a, const score::CalibrationResult& result,
                       const pack::Pack& pack, const std::string& file);

}  // namespace mien::app
