// SPDX-License-Identifier: Apache-2.0
// The options of `mien eval`, the same for runs (mien-lab) and exported models (mien).
#pragma once

#include <fmt/core.h>

#include <optional>
#include <string>

#include "mien/app/program.h"
#include "mien/app/report_folder.h"
#include "mien/app/subject_options.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/face/calibration.h"
#include "mien/pack/pack.h"

namespace mien::app {

struct EvalOptions {
  std::string model, data, split = "test", device = "cpu", abstain, by;
  bool flip = false;
  std::uint64_t seed = 0;
  ReportOptions report;
};

inline void declare(CLI::App* command, EvalOptions& o) {
  add_model_argument(command, o.model);
  add_data_option(command, o.data);
  add_split_option(command, o.split);
  command->add_flag("--flip", o.flip, "Average the logits of each picture and its mirror image (twice the cost)");
  command->add_option("--seed", o.seed, "Seed of the bootstrap interval")->capture_default_str();
  command
      ->add_option("--abstain", o.abstain,
                   "Also evaluate abstention such that at most this share of the predictions is wrong: 0.05 or 5%")
      ->type_name("RISK");
  command
      ->add_option("--by", o.by,
                   "Also evaluate groups of pictures, separated by commas: pose, pitch, subject, sequence, folder, "
                   "agreement (share of the annotators who chose the label)")
      ->type_name("FIELDS");
  add_device_option(command, o.device);
  declare(
      command, o.report, "runs/eval/MODEL-DATA-SPLIT",
      "Show pictures in the report even if the data set's terms do not allow redistribution; for your own use only");
}

/// --split by its name; throws usage for any other word.
inline pack::Split split_named(const std::string& name) {
  const auto split = pack::split_from(name);
  if (!split)
    fail_usage(fmt::format("--split {} is not a part of a pack.", quote(name)),
               did_you_mean(name, {"train", "valid", "test"}));
  return *split;
}

/// The threshold for --abstain; nothing without.
inline std::optional<face::RiskThreshold> abstention(const EvalOptions& o,
                                                     const std::optional<face::Calibration>& calibration) {
  if (o.abstain.empty()) return std::nullopt;
  return face::threshold_for(calibration, face::parse_risk(o.abstain), o.flip, o.model);
}

}  // namespace mien::app
