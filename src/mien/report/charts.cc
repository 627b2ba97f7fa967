// SPDX-License-Identifier: Apache-2.0
#include "mien/report/charts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/base/text.h"
#include "mien/report/page.h"
#include "mien/report/plot.h"
#include "mien/report/table.h"

namespace mien::report {

Html curves_over_epochs(const std::vector<Series>& series, const CurvesOptions& o) {
  std::vector<double> xs, ys;
  std::vector<LegendEntry> entries;
  for (std::size_t i = 0; i < series.size(); ++i) {
    xs.insert(xs.end(), series[i].x.begin(), series[i].x.end());
    ys.insert(ys.end(), series[i].y.begin(), series[i].y.end());
    entries.push_back({series[i].name, static_cast<int>(i), series[i].dashed});
  }
  const Axis y = nice_axis(o.y_label, ys, o.from_zero);
  Plot plot(nice_axis("epoch", xs, false, true), y, fmt::format("{} over epochs", o.title));
  if (o.mark > 0) plot.guide(o.mark, y.low, o.mark, y.high);
  for (std::size_t i = 0; i < series.size(); ++i) {
    const auto& s = series[i];
    plot.curve(s.x, s.y, static_cast<int>(i), s.dashed);
    // Few points are marked; a lone one would be invisible otherwise.
    for (std::size_t k = 0; k < s.x.size() && s.x.size() <= 40; ++k)
      plot.point(s.x[k], s.y[k], static_cast<int>(i), fmt::format("{}, epoch {:g}: {:g}", s.name, s.x[k], s.y[k]), 2.2);
  }
  return figure(o.title, series.size() > 1 ? legend(entries) : Html(), plot.finish(), o.caption);
}

Html reliability_diagram(const std::vector<score::ReliabilityBin>& bins, std::int64_t samples, double ece) {
  const double width = 100.0 / static_cast<double>(std::max<std::size_t>(1, bins.size()));
  std::vector<double> shares{1};
  for (const auto& bin : bins)
    shares.push_back(100.0 * static_cast<double>(bin.count) / static_cast<double>(std::max<std::int64_t>(1, samples)));
  Plot plot({"", 0, 100}, {"accuracy, %", 0, 100}, "Accuracy by confidence", 240);
  Axis share_axis = nice_axis("pictures, %", shares, true);
  share_axis.high = std::max(share_axis.high, 10.0);
  Plot counts({"confidence, %", 0, 100}, share_axis, "Share of pictures by confidence", 130);
  plot.guide(0, 0, 100, 100);
  for (std::size_t b = 0; b < bins.size(); ++b) {
    const auto& bin = bins[b];
    if (bin.count == 0) continue;
    const std::string hint = fmt::format(
        "{} pictures, confidence {} %, accuracy {} % ({} to {})", count_text(bin.count), percent_text(bin.confidence),
        percent_text(bin.accuracy), percent_text(bin.interval.low), percent_text(bin.interval.high));
    plot.whisker(100 * bin.confidence, 100 * bin.interval.low, 100 * bin.interval.high, 0);
    plot.point(100 * bin.confidence, 100 * bin.accuracy, 0, hint);
    const double left = width * static_cast<double>(b);
    counts.bar(left, left + width, 0, shares[b + 1], 0, hint);
  }
  return figure("Reliability", {}, plot.finish() + counts.finish(),
                fmt::format("On the dashed line, a probability equals the accuracy. Points: {} bins of equal width, "
                            "with Wilson intervals (95 %). Expected calibration error {}\u00a0%.",
                            bins.size(), percent_text(ece, 2)));
}

Html risk_coverage_chart(const std::vector<score::RiskPoint>& curve, const std::vector<OperatingPoint>& points) {
  std::vector<double> x, y;
  for (const auto& p : curve) {
    // Below a hundredth of the pictures a curve of few answers only jumps.
    if (p.coverage < 0.01 && &p != &curve.back()) continue;
    x.push_back(100 * p.coverage);
    y.push_back(100 * p.risk);
  }
  const double whole = curve.empty() ? 0 : curve.back().risk;
  std::vector<double> range = y;
  range.push_back(1);
  for (const auto& p : points) range.push_back(100 * p.risk);
  Plot plot({"pictures answered, %", 0, 100}, nice_axis("wrong predictions, %", range, true), "Error against coverage");
  plot.guide(0, 100 * whole, 100, 100 * whole);
  plot.curve(x, y, 0);
  for (const auto& p : points) plot.point(100 * p.coverage, 100 * p.risk, 1, p.words);
  std::string caption = fmt::format(
      "The error decreases if only the most confident pictures are answered. Dashed: all are answered, {} % wrong. "
      "Area under the curve {}\u00a0%.",
      percent_text(whole), percent_text(score::area_under_risk(curve), 2));
  for (const auto& p : points) caption += " " + p.words;
  return figure("Risk and coverage", {}, plot.finish(), caption);
}

namespace {

/// `length` is 0..1 of the room that there is, and so is `mark`; below 0 there is none.
Html bar_row(const std::string& name, double length, const std::string& amount, double mark = -1) {
  Html bar = tag(fmt::format("span class=\"bar\" style=\"--share:{:.3f}\"", length), Html());
  if (mark < 0) return tag("div", tag("dt", name) + tag("dd", bar + tag("span class=\"amount\"", amount)));
  bar += tag(fmt::format("span class=\"mark\" style=\"--share:{:.3f}\"", mark), Html());
  // The numbers follow the mark, if it is beyond the bar.
  bar += tag(fmt::format("span class=\"amount\" style=\"--beyond:{:.3f}\"", std::max(0.0, mark - length)), amount);
  return tag("div", tag("dt", name) + tag("dd", bar));
}

}  // namespace

Html count_bars(const std::vector<std::pair<std::string, std::int64_t>>& counts) {
  std::int64_t largest = 1;
  for (const auto& [name, count] : counts) largest = std::max(largest, count);
  Html out;
  for (const auto& [name, count] : counts)
    out += bar_row(name, static_cast<double>(count) / static_cast<double>(largest), count_text(count));
  return tag("dl class=\"bars\"", out);
}

Html share_bars(const std::vector<std::pair<std::string, double>>& shares) {
  Html out;
  for (const auto& [name, share] : shares) out += bar_row(name, share, percent_text(share) + " %");
  return tag("dl class=\"bars\"", out);
}

Html value_bars(const std::vector<std::pair<std::string, double>>& values, const std::vector<double>& beside,
                double full) {
  double largest = std::max(full, 1e-9);
  for (const auto& [name, value] : values) largest = std::max(largest, std::abs(value));
  for (const double value : beside) largest = std::max(largest, std::abs(value));
  Html out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& [name, value] = values[i];
    const bool marked = i < beside.size();
    out += bar_row(name, std::abs(value) / largest,
                   marked ? fmt::format("{} | {}", number_text(value), number_text(beside[i])) : number_text(value),
                   marked ? std::abs(beside[i]) / largest : -1);
  }
  return tag(beside.empty() ? "dl class=\"bars\"" : "dl class=\"bars marked\"", out);
}

Html value_columns(const std::vector<float>& values, const std::string& label) {
  const std::vector<double> all(values.begin(), values.end());
  Plot plot({"channel", 0, static_cast<double>(all.size()), true}, nice_axis(label, all, /*from_zero=*/true),
            fmt::format("{} of each of {} channels", label, all.size()), 180);
  for (std::size_t i = 0; i < all.size(); ++i)
    plot.bar(static_cast<double>(i), static_cast<double>(i + 1), std::min(0.0, all[i]), std::max(0.0, all[i]), 0);
  return plot.finish();
}

}  // namespace mien::report
