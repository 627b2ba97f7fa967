// SPDX-License-Identifier: Apache-2.0
// What a page draws of an evaluation, as numbers: of each class with intervals, reliability, risk against coverage.
#pragma once

#include <cstdint>
#include <vector>

#include "mien/base/json.h"
#include "mien/eval/evaluate.h"
#include "mien/metric/confidence.h"
#include "mien/metric/intervals.h"

namespace mien::eval {

struct Figures {
  static constexpr int kDraws = 2000;  ///< of the bootstrap
  std::vector<metric::ClassFigures> classes;
  std::vector<metric::ReliabilityBin> reliability;
  std::vector<metric::RiskPoint> risk_coverage;
};
/// `seed` is that of the bootstrap.
Figures figures_of(const Evaluation& evaluation, std::uint64_t seed);
/// {"per_class": {name: {"pictures", "recall", "recall_interval", …}}, "reliability": […], "risk_coverage": [[coverage,
/// risk, threshold]…], "aurc"}; undefined figures are null, the curve has at most 200 points.
Json to_json(const Figures& figures, const std::vector<std::string>& classes);

}  // namespace mien::eval
