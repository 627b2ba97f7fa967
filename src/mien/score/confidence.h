// SPDX-License-Identifier: Apache-2.0
// The quality of probabilities: reliability (0.8 means right in 80 of 100) and selection (most confident ones).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mien/score/classification.h"

namespace mien::score {

struct ReliabilityBin {
  std::int64_t count = 0;
  double confidence = 0;  ///< mean over the bin; 0 if it is empty
  double accuracy = 0;
  Interval interval;  ///< of the accuracy, Wilson, 95 %
};
/// Equal-width bins over 0..1, those of expected_calibration_error.
std::vector<ReliabilityBin> reliability_bins(std::span<const float> confidence, std::span<const std::uint8_t> correct,
                                             int num_bins = 15);

struct RiskPoint {
  double coverage = 0;  ///< share of pictures answered, 0..1
  double risk = 0;      ///< share of wrong predictions among them
  float threshold = 0;  ///< pictures with at least this confidence are answered
};
/// Risk-coverage curve (El-Yaniv and Wiener 2010): one point per confidence that occurs, in descending order; pictures
/// of equal confidence are answered together. The last point covers all.
std::vector<RiskPoint> risk_coverage(std::span<const float> confidence, std::span<const std::uint8_t> correct);
/// Area under the curve (AURC, Geifman and El-Yaniv 2017): mean over pictures of the risk at the coverage that first
/// answers it. 0 for none.
double area_under_risk(std::span<const RiskPoint> curve);

}  // namespace mien::score
