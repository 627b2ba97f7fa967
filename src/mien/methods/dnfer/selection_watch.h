// SPDX-License-Identifier: Apache-2.0
// The selection over an epoch (card section 3, monitors): shares, thresholds, and, against known clean labels,
// its precision and recall. Also the running means of loss.threshold_scope = epoch. Kept as tensors, so that a
// checkpoint within an epoch continues exactly.
#pragma once

#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/methods/dnfer/loss.h"

namespace mien::methods::dnfer {

class SelectionWatch {
 public:
  SelectionWatch(std::int64_t num_classes, bool two_views);

  /// First per view and batch: its probabilities (B,K).
  void add_probabilities(std::int64_t view, const at::Tensor& probabilities);
  /// Mean probabilities of the epoch so far, including the last batch. (K) float32
  at::Tensor running_thresholds(std::int64_t view) const;
  /// Then the selection; true_labels (B) int64 may be undefined.
  void add(std::int64_t view, const Selection& selection, const at::Tensor& labels, const at::Tensor& true_labels);

  /// By name of the measure, then of view or class; empty before the first batch. Ratios with divisor 0 are left
  /// out.
  ///   clean_share        share of samples whose label reached its threshold
  ///   thresholds_VIEW    mean threshold per class
  ///   right_share        share of labels that are right (one number); this and the following with true labels only
  ///   clean_precision    share of right labels among the selected
  ///   clean_recall       share of the right labels that was selected
  Json record(const std::vector<std::string>& classes) const;
  void clear();
  nn::NamedTensors state() const { return {{"selection.sums", sums_}, {"selection.counts", counts_}}; }

 private:
  std::vector<std::string> views_;
  at::Tensor sums_;    ///< (V,K) float64: probabilities
  at::Tensor counts_;  ///< (V,6) float64: rows with probabilities, rows selected from, rows with true labels, clean,
                       ///< right, right and clean
};

}  // namespace mien::methods::dnfer
