// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/label_rule.h"

#include <algorithm>
#include <numeric>

#include "mien/base/text.h"

namespace mien::dataset {
namespace {

using face::Expression;
constexpr std::array<Expression, face::kNumExpressions> kColumns = {
    Expression::neutral, Expression::happiness, Expression::surprise, Expression::sadness,
    Expression::anger,   Expression::disgust,   Expression::fear,     Expression::contempt};
constexpr std::size_t kUnknown = 8;
using Counts = std::array<int, 10>;

int sum(const Counts& counts) { return std::accumulate(counts.begin(), counts.end(), 0); }

Counts majority_column(const Counts& counts) {
  const auto largest = static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
  Counts taken{};
  if (2 * counts[largest] > sum(counts)) taken[largest] = counts[largest];
  return taken;
}

Counts probability_columns(Counts left) {
  const int total = sum(left);
  Counts taken{};
  int covered = 0, num_taken = 0;
  bool reached_unknown = false;
  while (4 * covered < 3 * total && num_taken < 3 && !reached_unknown) {
    const int largest = *std::max_element(left.begin(), left.end());
    for (std::size_t i = 0; i < left.size() && !reached_unknown; ++i) {
      if (left[i] != largest) continue;
      reached_unknown = i >= kUnknown;
      const bool others_before = sum(taken) > 0;
      covered += largest;
      left[i] = 0;
      if (reached_unknown && others_before) continue;  // the classes selected before unknown or NF may be enough
      taken[i] = largest;
      ++num_taken;
    }
  }
  if (2 * sum(taken) <= total || num_taken > 3) return {};
  return taken;
}

Counts multi_target_columns(const Counts& counts) {
  const int total = sum(counts);
  Counts taken{};
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (10 * counts[i] >= 3 * total) taken[i] = counts[i];
  if (2 * sum(taken) <= total) return {};
  return taken;
}

std::array<float, face::kNumExpressions> distribution_of(const Counts& columns) {
  const int total = std::accumulate(columns.begin(), columns.begin() + kUnknown, 0);
  std::array<float, face::kNumExpressions> out{};
  for (std::size_t i = 0; i < kColumns.size(); ++i)
    out[static_cast<std::size_t>(kColumns[i])] = static_cast<float>(columns[i]) / static_cast<float>(total);
  return out;
}

}  // namespace

Votes canonical(const ColumnVotes& votes) {
  Votes out{};
  for (std::size_t i = 0; i < kColumns.size(); ++i) out[static_cast<std::size_t>(kColumns[i])] = votes[i];
  out[8] = votes[8];
  out[9] = votes[9];
  return out;
}

std::string_view to_string(LabelRule rule) {
  switch (rule) {
    case LabelRule::majority:
      return "majority";
    case LabelRule::probability:
      return "probability";
    case LabelRule::multi_target:
      return "multi-target";
  }
  return "majority";
}

std::optional<LabelRule> label_rule_from(std::string_view name) {
  for (const LabelRule rule : {LabelRule::majority, LabelRule::probability, LabelRule::multi_target})
    if (lower(trim(name)) == to_string(rule)) return rule;
  return std::nullopt;
}

RuleResult apply_rule(LabelRule rule, const ColumnVotes& votes) {
  Counts raw{}, counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    raw[i] = votes[i];
    counts[i] = votes[i] > 1 ? votes[i] : 0;
  }
  const Counts taken = rule == LabelRule::majority      ? majority_column(counts)
                       : rule == LabelRule::probability ? probability_columns(counts)
                                                        : multi_target_columns(counts);
  const auto largest = static_cast<std::size_t>(std::max_element(taken.begin(), taken.end()) - taken.begin());
  if (taken[largest] == 0 || largest == kUnknown) return {std::nullopt, LeftOut::unknown};
  if (largest > kUnknown) return {std::nullopt, LeftOut::no_face};
  return {
      LabelledVotes{static_cast<int>(kColumns[largest]), distribution_of(rule == LabelRule::majority ? raw : taken)},
      {}};
}

}  // namespace mien::dataset
