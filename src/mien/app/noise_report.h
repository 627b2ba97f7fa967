// SPDX-License-Identifier: Apache-2.0
// The options and the output of `mien noise-report`, the same for runs (mien-lab) and exported models (mien).
#pragma once

#include <string>

#include "mien/app/program.h"
#include "mien/score/label_report.h"

namespace mien::app {

struct NoiseReportOptions {
  std::string model, data, split = "train", truth, output, device = "cpu";
  std::size_t first = 20;
};

void declare(CLI::App* command, NoiseReportOptions& options);

/// Before any work: whether -o may be written. `data` is the pack.
void check_outputs(const Program& program, const NoiseReportOptions& options, const std::filesystem::path& data);

/// Checks the pack's labels and prints the figures and the first suspects, as JSON with --json, otherwise as
/// text; writes the whole list with -o.
void report_labels(const Program& program, const NoiseReportOptions& options, const score::Predictor& predictor,
                   const std::vector<std::string>& classes, const pack::Pack& pack, double temperature);

}  // namespace mien::app
