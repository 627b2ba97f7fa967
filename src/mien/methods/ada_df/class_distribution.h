// SPDX-License-Identifier: Apache-2.0
// Class distributions (card section 3): one row per class, the mean label distribution of its samples, or a fixed row
// if the mean does not favour the class enough yet.
#pragma once

#include "mien/nn/torch.h"

namespace mien::methods::ada_df {

/// t on the diagonal, `rest` / (K - 1) elsewhere; with rest = 1 - t the rows are distributions. (K,K) float32.
at::Tensor threshold_table(std::int64_t num_classes, double t, double rest);

/// Sums of probability rows by label, in double: exact enough for any data set and any batches.
struct ClassSums {
  at::Tensor sums;    ///< (K,K) float64
  at::Tensor counts;  ///< (K) int64
  explicit ClassSums(std::int64_t num_classes);
  /// probabilities (B,K), labels (B) int64; on any device.
  void add(const at::Tensor& probabilities, const at::Tensor& labels);
  void clear();
};

/// Row c: the mean if its own share reaches t; otherwise, and for a class without samples, the threshold row.
/// `quirks`: the rest of a threshold row is 0.4 for every t, as in the reference. (K,K) float32.
at::Tensor class_distributions(const ClassSums& sums, double t, bool quirks = false);

/// Each row to the power 1/1.2, normalised to sum 1; `quirks`: column j divided by the sum of row j.
at::Tensor sharpened(const at::Tensor& table, bool quirks = false);

}  // namespace mien::methods::ada_df
