// SPDX-License-Identifier: Apache-2.0
// Figures of merit for classification, over plain spans. K classes, n samples. Undefined figures (a class without
// samples) are left out of means, never counted as 0.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mien::score {

/// Counts, row = true class, column = predicted class.
class Confusion {
 public:
  explicit Confusion(std::size_t num_classes) : k_(num_classes), counts_(num_classes * num_classes) {}
  void add(std::size_t truth, std::size_t predicted) { ++counts_[truth * k_ + predicted]; }
  std::int64_t at(std::size_t truth, std::size_t predicted) const { return counts_[truth * k_ + predicted]; }
  std::size_t num_classes() const { return k_; }
  std::int64_t total() const;
  std::int64_t row_sum(std::size_t truth) const;
  std::int64_t column_sum(std::size_t predicted) const;

 private:
  std::size_t k_;
  std::vector<std::int64_t> counts_;
};

double accuracy(const Confusion& confusion);     ///< share of the diagonal, 0..1
double mean_recall(const Confusion& confusion);  ///< mean over classes that occur (UAR)
double macro_f1(const Confusion& confusion);     ///< mean over classes that occur or are predicted

/// Expected calibration error (Naeini et al. 2015): |accuracy - confidence| over equal-width bins, weighted by count.
double expected_calibration_error(std::span<const float> confidence, std::span<const std::uint8_t> correct,
                                  int num_bins = 15);

struct Interval {
  double low = 0, high = 0;
};
/// Percentile bootstrap of the mean of 0/1 outcomes, 95 %, seeded.
Interval bootstrap_interval(std::span<const std::uint8_t> correct, int resamples = 2000, std::uint64_t seed = 0);

/// Mean over samples of -ln(probability of the true class), probabilities below 1e-12 counted as that.
double mean_negative_log_likelihood(std::span<const float> probability_of_truth);

/// Mean over samples of KL(truth || predicted), natural logarithm; rows of K, truth rows sum to 1.
double mean_kl(std::span<const float> truth, std::span<const float> predicted, std::size_t num_classes);

}  // namespace mien::score
