// SPDX-License-Identifier: Apache-2.0
#include "mien/score/classification.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "mien/base/random.h"
#include "mien/score/confidence.h"

namespace mien::score {

std::int64_t Confusion::total() const { return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0}); }

std::int64_t Confusion::row_sum(std::size_t truth) const {
  std::int64_t sum = 0;
  for (std::size_t j = 0; j < k_; ++j) sum += at(truth, j);
  return sum;
}

std::int64_t Confusion::column_sum(std::size_t predicted) const {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < k_; ++i) sum += at(i, predicted);
  return sum;
}

double accuracy(const Confusion& c) {
  std::int64_t hits = 0;
  for (std::size_t i = 0; i < c.num_classes(); ++i) hits += c.at(i, i);
  return c.total() ? static_cast<double>(hits) / static_cast<double>(c.total()) : 0;
}

double mean_recall(const Confusion& c) {
  double sum = 0;
  int classes = 0;
  for (std::size_t i = 0; i < c.num_classes(); ++i) {
    if (c.row_sum(i) == 0) continue;
    sum += static_cast<double>(c.at(i, i)) / static_cast<double>(c.row_sum(i));
    ++classes;
  }
  return classes ? sum / classes : 0;
}

double macro_f1(const Confusion& c) {
  double sum = 0;
  int classes = 0;
  for (std::size_t i = 0; i < c.num_classes(); ++i) {
    const auto both = c.row_sum(i) + c.column_sum(i);
    if (both == 0) continue;
    sum += 2.0 * static_cast<double>(c.at(i, i)) / static_cast<double>(both);
    ++classes;
  }
  return classes ? sum / classes : 0;
}

double expected_calibration_error(std::span<const float> confidence, std::span<const std::uint8_t> correct,
                                  int num_bins) {
  if (confidence.empty()) return 0;
  double sum = 0;
  for (const auto& bin : reliability_bins(confidence, correct, num_bins))
    sum += std::abs(bin.accuracy - bin.confidence) * static_cast<double>(bin.count);
  return sum / static_cast<double>(confidence.size());
}

Interval bootstrap_interval(std::span<const std::uint8_t> correct, int resamples, std::uint64_t seed) {
  if (correct.empty()) return {};
  Random random = Random::stream(seed, "bootstrap");
  std::vector<double> means(static_cast<std::size_t>(resamples));
  for (auto& mean : means) {
    std::size_t hits = 0;
    for (std::size_t i = 0; i < correct.size(); ++i) hits += correct[random.below(correct.size())];
    mean = static_cast<double>(hits) / static_cast<double>(correct.size());
  }
  std::sort(means.begin(), means.end());
  const auto at = [&](double q) {
    return means[static_cast<std::size_t>(std::lround(q * static_cast<double>(means.size() - 1)))];
  };
  return {at(0.025), at(0.975)};
}

double mean_negative_log_likelihood(std::span<const float> probability_of_truth) {
  double sum = 0;
  for (const float p : probability_of_truth) sum -= std::log(std::max(p, 1e-12f));
  return probability_of_truth.empty() ? 0 : sum / static_cast<double>(probability_of_truth.size());
}

double mean_kl(std::span<const float> truth, std::span<const float> predicted, std::size_t k) {
  const std::size_t n = k ? truth.size() / k : 0;
  double sum = 0;
  for (std::size_t i = 0; i < n * k; ++i)
    if (truth[i] > 0) sum += truth[i] * std::log(truth[i] / std::max(predicted[i], 1e-12f));
  return n ? sum / static_cast<double>(n) : 0;
}

}  // namespace mien::score
