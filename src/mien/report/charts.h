// SPDX-License-Identifier: Apache-2.0
// The drawings that several reports share, each a figure with title, legend and caption.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mien/report/html.h"
#include "mien/score/confidence.h"

namespace mien::report {

struct Series {
  std::string name;
  std::vector<double> x, y;  ///< y that is not finite: a gap
  bool dashed = false;
};
/// Curves over epochs in one plot; colours by position. `mark`: an epoch to point at (0: none), with its words.
struct CurvesOptions {
  std::string title, y_label, caption;
  bool from_zero = true;
  double mark = 0;
  std::string mark_words;
};
Html curves_over_epochs(const std::vector<Series>& series, const CurvesOptions& options);

/// Accuracy against confidence by bin, with Wilson intervals, over the share of pictures in each bin.
Html reliability_diagram(const std::vector<score::ReliabilityBin>& bins, std::int64_t samples, double ece);

/// A threshold that is in use, to be shown on the curve.
struct OperatingPoint {
  double coverage = 1, risk = 0;
  std::string words;
};
/// Share of wrong answers among the surest, against the share of pictures answered.
Html risk_coverage_chart(const std::vector<score::RiskPoint>& curve, const std::vector<OperatingPoint>& points = {});

/// Counts as horizontal bars with names and numbers, largest first as given.
Html count_bars(const std::vector<std::pair<std::string, std::int64_t>>& counts);
/// Shares 0..1 in the same form, per cent of the whole.
Html share_bars(const std::vector<std::pair<std::string, double>>& shares);

/// Numbers of one kind in the same form: the longest bar is the largest size. `beside`: none, or for each number
/// a second number, drawn as a mark and printed after it. `full`: at least this number has a full bar, so that several
/// figures have one scale.
Html value_bars(const std::vector<std::pair<std::string, double>>& values, const std::vector<double>& beside = {},
                double full = 0);

/// Many unnamed numbers, such as the channels of a gate: one column each.
Html value_columns(const std::vector<float>& values, const std::string& label);

}  // namespace mien::report
