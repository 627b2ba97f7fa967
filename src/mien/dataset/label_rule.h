// SPDX-License-Identifier: Apache-2.0
// From ten votes to a label: the three rules of the authors of FER+ (Barsoum et al. 2016, "Training Deep Networks for
// Facial Expression Recognition with Crowd-Sourced Label Distribution", section 4, and their training script).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "mien/face/expression.h"

namespace mien::dataset {

/// Votes in the authors' column order: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown,
/// NF.
using ColumnVotes = std::array<std::uint8_t, 10>;
/// Canonical class order, then unknown and no face.
using Votes = std::array<std::uint8_t, 10>;
Votes canonical(const ColumnVotes& votes);

enum class LabelRule { majority, probability, multi_target };
std::string_view to_string(LabelRule rule);  ///< "majority", "probability", "multi-target"
std::optional<LabelRule> label_rule_from(std::string_view name);

/// Index in canonical order and target distribution over the eight classes (sums to 1).
struct LabelledVotes {
  int label;
  std::array<float, face::kNumExpressions> distribution;
};
enum class LeftOut { unknown, no_face };
struct RuleResult {
  std::optional<LabelledVotes> kept;
  LeftOut reason = LeftOut::unknown;  ///< if nothing is kept
};

/// Single votes are removed first in all rules. S: the rest in all ten columns.
///   majority: the largest count M decides if M > S/2; the distribution is that of the raw votes over the eight
///     classes, single votes included (the ground truth of label-distribution learning).
///   probability: selects columns by descending count (equal ones together) up to 3/4 S or three columns; stops at
///     unknown and NF; kept if more than S/2 and at most three columns were selected, which form the distribution.
///   multi-target: every column with at least 0.3 S, if they have more than S/2; the distribution over them.
/// The label of the last two rules is the largest column; among equal ones the first in the authors' order.
RuleResult apply_rule(LabelRule rule, const ColumnVotes& votes);

}  // namespace mien::dataset
