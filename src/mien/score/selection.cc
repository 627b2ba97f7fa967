// SPDX-License-Identifier: Apache-2.0
#include "mien/score/selection.h"

#include <algorithm>
#include <cmath>

#include "mien/score/confidence.h"
#include "mien/score/intervals.h"

namespace mien::score {
namespace {

constexpr int kThresholds = 40;

/// P(X <= hits) of a binomial, 0 < p < 1, hits < n: summed downwards from the largest term, which dominates if p is
/// beyond hits / n.
double binomial_cdf(std::int64_t hits, std::int64_t n, double p) {
  const auto k = static_cast<double>(hits), m = static_cast<double>(n);
  const double log_term =
      std::lgamma(m + 1) - std::lgamma(k + 1) - std::lgamma(m - k + 1) + k * std::log(p) + (m - k) * std::log1p(-p);
  double term = 1, sum = 1;  // relative to the term at `hits`
  for (double i = k; i > 0 && term > 1e-17 * sum; --i) sum += term *= i / (m - i + 1) * (1 - p) / p;
  return std::exp(log_term) * sum;
}

}  // namespace

double clopper_pearson_upper(std::int64_t hits, std::int64_t n, double delta) {
  if (hits >= n) return 1;
  double low = static_cast<double>(hits) / static_cast<double>(n), high = 1;  // the probability falls with p
  while (high - low > 1e-12) {
    const double middle = (low + high) / 2;
    (binomial_cdf(hits, n, middle) > delta ? low : high) = middle;
  }
  return high;
}

std::vector<face::RiskThreshold> risk_thresholds(std::span<const Answered> sets, double level) {
  Answered all;
  for (const auto& set : sets) {
    all.confidence.insert(all.confidence.end(), set.confidence.begin(), set.confidence.end());
    all.correct.insert(all.correct.end(), set.correct.begin(), set.correct.end());
  }
  std::vector<face::RiskThreshold> rows;
  const auto curve = risk_coverage(all.confidence, all.correct);
  const double delta = (1 - level) / (kThresholds * static_cast<double>(sets.size()));
  // From full coverage downwards; a threshold is kept if its bound is below those of all that answer more.
  for (int step = kThresholds; step > 0 && !curve.empty(); --step) {
    const double wanted = static_cast<double>(step) / kThresholds;
    const RiskPoint* point = nullptr;  // the most answers without exceeding the requested share
    for (const auto& candidate : curve)
      if (candidate.coverage <= wanted + 1e-12) point = &candidate;
    if (!point) break;
    const double threshold = point->coverage == 1 ? 0 : point->threshold;
    face::RiskThreshold row{.risk = 0, .threshold = threshold};
    for (const auto& set : sets) {
      const Selection s = select(set.confidence, set.correct, row);
      row.risk = std::max(row.risk, clopper_pearson_upper(s.wrong, s.answered, delta));
      row.measured_risk = std::max(row.measured_risk, s.risk);
      row.coverage = std::min(row.coverage, s.coverage);
    }
    if (row.risk < (rows.empty() ? 1 : rows.front().risk)) rows.insert(rows.begin(), row);
  }
  return rows;
}

Selection select(std::span<const float> confidence, std::span<const std::uint8_t> correct,
                 const face::RiskThreshold& threshold) {
  Selection s;
  s.pictures = static_cast<std::int64_t>(confidence.size());
  for (std::size_t i = 0; i < confidence.size(); ++i) {
    if (!threshold.is_sure(confidence[i])) continue;
    ++s.answered;
    s.wrong += !correct[i];
  }
  if (s.pictures) s.coverage = static_cast<double>(s.answered) / static_cast<double>(s.pictures);
  if (s.answered) s.risk = static_cast<double>(s.wrong) / static_cast<double>(s.answered);
  s.risk_interval = wilson_interval(s.wrong, s.answered);
  return s;
}

}  // namespace mien::score
