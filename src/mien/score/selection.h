// SPDX-License-Identifier: Apache-2.0
// Abstention: from a requested risk to the confidence that guarantees it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mien/face/calibration.h"
#include "mien/score/classification.h"

namespace mien::score {

/// Upper end of the one-sided Clopper-Pearson interval (Clopper and Pearson 1934): the largest p at which `hits` or
/// fewer of n still have the probability `delta`. Never too low, for any n and p. 1 if n is 0.
double clopper_pearson_upper(std::int64_t hits, std::int64_t n, double delta);

/// Validation pictures of one kind: confidence (n), and whether the prediction is correct (n).
struct Answered {
  std::vector<float> confidence;
  std::vector<std::uint8_t> correct;
};

/// Risk → threshold from validation pictures: thresholds that accept the most confident 2.5 %, 5 %, …, 100 % are tried,
/// each with its Clopper-Pearson bound at (1 - level) / 40, so that with probability `level` all bounds hold at once,
/// for pictures from the same distribution (after Geifman and El-Yaniv 2017, who use bisection). A row is kept if no
/// other threshold is better: rows with rising risk and coverage. The last row has the threshold 0 if it accepts all.
/// With several sets, every bound holds on each. The shares of the thresholds tried are those of all pictures together;
/// a row has the largest bound and measured risk, and the smallest coverage, of any set.
std::vector<face::RiskThreshold> risk_thresholds(std::span<const Answered> sets, double level = 0.95);

/// The effect of a threshold on other pictures.
struct Selection {
  std::int64_t pictures = 0, answered = 0, wrong = 0;  ///< wrong: among the answered
  double coverage = 0;                                 ///< answered / pictures
  double risk = 0;                                     ///< wrong / answered; 0 if nothing is answered
  Interval risk_interval{0, 1};                        ///< Wilson, 95 %
};
Selection select(std::span<const float> confidence, std::span<const std::uint8_t> correct,
                 const face::RiskThreshold& threshold);

}  // namespace mien::score
