// SPDX-License-Identifier: Apache-2.0
#include "mien/score/confidence.h"

#include <algorithm>
#include <numeric>

#include "mien/score/intervals.h"

namespace mien::score {

std::vector<ReliabilityBin> reliability_bins(std::span<const float> confidence, std::span<const std::uint8_t> correct,
                                             int num_bins) {
  std::vector<ReliabilityBin> bins(static_cast<std::size_t>(num_bins));
  std::vector<std::int64_t> hits(bins.size());
  for (std::size_t i = 0; i < confidence.size(); ++i) {
    const auto b = static_cast<std::size_t>(
        std::clamp(static_cast<int>(confidence[i] * static_cast<float>(num_bins)), 0, num_bins - 1));
    ++bins[b].count;
    bins[b].confidence += confidence[i];
    hits[b] += correct[i];
  }
  for (std::size_t b = 0; b < bins.size(); ++b) {
    if (bins[b].count == 0) continue;
    bins[b].confidence /= static_cast<double>(bins[b].count);
    bins[b].accuracy = static_cast<double>(hits[b]) / static_cast<double>(bins[b].count);
    bins[b].interval = wilson_interval(hits[b], bins[b].count);
  }
  return bins;
}

std::vector<RiskPoint> risk_coverage(std::span<const float> confidence, std::span<const std::uint8_t> correct) {
  std::vector<std::size_t> order(confidence.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return confidence[a] > confidence[b]; });
  std::vector<RiskPoint> curve;
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    wrong += !correct[order[i]];
    const float here = confidence[order[i]];
    if (i + 1 < order.size() && confidence[order[i + 1]] == here) continue;
    const double answered = static_cast<double>(i + 1);
    curve.push_back({answered / static_cast<double>(order.size()), static_cast<double>(wrong) / answered, here});
  }
  return curve;
}

double area_under_risk(std::span<const RiskPoint> curve) {
  double sum = 0, before = 0;
  for (const auto& point : curve) {
    sum += point.risk * (point.coverage - before);
    before = point.coverage;
  }
  return sum;
}

}  // namespace mien::score
