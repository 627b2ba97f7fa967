// SPDX-License-Identifier: Apache-2.0
// The figures of an evaluation page: per class with intervals, reliability, risk against coverage.
#pragma once

#include <cstdint>
#include <vector>

#include "mien/base/json.h"
#include "mien/score/confidence.h"
#include "mien/score/evaluate.h"
#include "mien/score/intervals.h"

namespace mien::score {

struct Figures {
  static constexpr int kDraws = 2000;  ///< of the bootstrap
  std::vector<score::ClassFigures> classes;
  std::vector<score::ReliabilityBin> reliability;
  std::vector<score::RiskPoint> risk_coverage;
};
/// `seed` is that of the bootstrap.
Figures figures_of(const Evaluation& evaluation, std::uint64_t seed);
/// {"per_class": {name: {"pictures", "recall", "recall_interval", …}}, "reliability": […], "risk_coverage": [[coverage,
/// risk, threshold]…], "aurc"}; undefined figures are null, the curve has at most 200 points.
Json to_json(const Figures& figures, const std::vector<std::string>& classes);

}  // namespace mien::score
