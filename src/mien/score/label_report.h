// SPDX-License-Identifier: Apache-2.0
// Labels that are unlikely according to a network: DNFER's selection rule (arXiv 2208.10221; thresholds over a whole
// part of a pack instead of a batch) applied to any predictor, as a list for manual review.
#pragma once

#include <optional>

#include "mien/base/json.h"
#include "mien/score/predictions.h"

namespace mien::score {

struct LabelDoubt {
  std::uint32_t picture = 0;          ///< index in the pack
  std::size_t label = 0, answer = 0;  ///< class in the pack; most likely class according to the network
  float probability = 0;              ///< p[label]
  float threshold = 0;                ///< t[label]
  float margin() const { return probability - threshold; }
  bool suspect() const { return margin() < 0; }
};

/// Agreement of the suspects with the wrong labels, if the true ones are known. Ratios with a zero denominator are
/// nothing.
struct LabelTruth {
  std::int64_t wrong = 0, wrong_suspects = 0;
  std::optional<double> precision, recall;              ///< of the suspects, as detectors of wrong labels
  std::optional<double> clean_precision, clean_recall;  ///< of the others, as detectors of correct ones
  std::optional<double> ranking;  ///< probability that a wrong label has a lower margin than a correct one (ties: half)
  std::optional<double> memorised_share;  ///< share of the wrong labels that the network predicts
};

struct LabelReport {
  std::vector<std::string> classes;
  std::vector<double> thresholds;  ///< t[c]: mean probability of class c over all pictures of the part
  std::vector<LabelDoubt> doubts;  ///< all pictures, lowest margin first
  std::int64_t suspects = 0;       ///< of them with a margin below 0; they come first
  std::vector<int> truth;          ///< true label per entry of doubts; empty: not known
  std::optional<LabelTruth> against_truth;
};

/// truth: pack index → true label, from pack::read_truth; empty: not known. Throws like for_each_prediction, and
/// bad_input if the truth does not contain a picture of the part.
LabelReport report_labels(const Predictor& predictor, const std::vector<std::string>& predictor_classes,
                          const pack::Pack& pack, pack::Split split, const PredictionOptions& options,
                          const std::vector<std::pair<std::uint32_t, int>>& truth = {});

/// Figures, thresholds and the first `rows` entries (0: none).
Json to_json(const LabelReport& report, const pack::Pack& pack, std::size_t rows);
/// index,source,label,answer,probability,threshold,margin and, where known, right_label; a line per picture, lowest
/// margin first.
std::string to_csv(const LabelReport& report, const pack::Pack& pack);

}  // namespace mien::score
