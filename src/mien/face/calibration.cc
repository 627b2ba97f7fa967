// SPDX-License-Identifier: Apache-2.0
#include "mien/face/calibration.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/json_number.h"
#include "mien/base/text.h"

namespace mien::face {
namespace {

constexpr const char* kBound = "Clopper-Pearson, one-sided, Bonferroni over the thresholds tried";

bool is_share(double v) { return v >= 0 && v <= 1; }

}  // namespace

std::string data_sets_of(const Calibration& calibration) {
  std::vector<std::string> names{calibration.record.value("data_set", "")};
  for (const auto& other : calibration.record.value("also", Json::array()))
    names.push_back(other.value("data_set", ""));
  std::erase(names, "");
  return names.empty() ? "not specified" : join(names, ", ");
}

Json to_json(const Calibration& c) {
  Json table = Json::array();
  for (const auto& row : c.table)
    table.push_back({{"risk", row.risk},
                     {"threshold", row.threshold},
                     {"coverage", row.coverage},
                     {"measured_risk", row.measured_risk}});
  Json json = c.record;
  json["flip"] = c.flip;
  if (c.score_limit > 0) json["score_limit"] = c.score_limit;
  json["abstain"] = {{"bound", kBound}, {"level", c.level}, {"table", table}};
  return json;
}

Calibration calibration_from_json(const Json& json, const std::string& origin) {
  Calibration c;
  c.flip = json_at<bool>(json, "flip", origin);
  if (json.contains("score_limit")) {
    c.score_limit = json_number<double>(json, "score_limit", origin);
    check_input(c.score_limit > 0 && c.score_limit < 1,
                fmt::format("{}: score_limit = {:g}; expected: above 0 and below 1.", origin, c.score_limit),
                "Calibrate again: mien calibrate.");
  }
  const Json abstain = json_at<Json>(json, "abstain", origin);
  c.level = json_number<double>(abstain, "level", origin);
  for (const auto& row : json_at<Json>(abstain, "table", origin)) {
    c.table.push_back({json_number<double>(row, "risk", origin), json_number<double>(row, "threshold", origin),
                       json_number<double>(row, "coverage", origin),
                       json_number<double>(row, "measured_risk", origin)});
    const RiskThreshold& t = c.table.back();
    const bool in_order = c.table.size() == 1 || (t.risk > c.table[c.table.size() - 2].risk &&
                                                  t.threshold < c.table[c.table.size() - 2].threshold);
    check_input(
        in_order && is_share(t.risk) && is_share(t.threshold) && is_share(t.coverage) && is_share(t.measured_risk),
        fmt::format("{}: row {} of the risk table is out of range or out of order.", origin, c.table.size()),
        "Calibrate again: mien calibrate.");
  }
  c.record = json;
  c.record.erase("flip");
  c.record.erase("score_limit");
  c.record.erase("abstain");
  return c;
}

RiskThreshold threshold_for(const std::optional<Calibration>& calibration, double risk, bool flip,
                            const std::string& model) {
  if (!calibration)
    throw Error(ErrorKind::missing,
                fmt::format("{}: not calibrated, so the confidence is not known that guarantees a risk of {:.1f} %.",
                            model, 100 * risk),
                fmt::format("Calibrate it first: mien calibrate {} --data PACK.", model));
  if (calibration->flip != flip)
    fail_usage(
        fmt::format("{}: its thresholds were measured {} --flip.", model, calibration->flip ? "with" : "without"),
        fmt::format("{}, or calibrate with{} --flip.", flip ? "Remove --flip" : "Add --flip", flip ? "" : "out"));
  const auto& table = calibration->table;
  const auto beyond = std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.risk > risk; });
  if (beyond != table.begin()) return *std::prev(beyond);
  throw Error(
      ErrorKind::missing,
      fmt::format(
          "{}: no confidence guarantees a risk of {:.1f} %{}", model, 100 * risk,
          table.empty() ? "." : fmt::format("; the smallest possible risk is {:.1f} %.", 100 * table.front().risk)),
      "Choose a larger risk, or calibrate on more validation pictures.");
}

double parse_risk(std::string_view words) {
  const bool percent = trim(words).ends_with('%');
  const auto number = parse_double(percent ? trim(words).substr(0, trim(words).size() - 1) : words);
  const double risk = number.value_or(-1) / (percent ? 100 : 1);
  if (!(risk > 0 && risk < 1))
    fail_usage(
        fmt::format("--abstain {}: the risk is a share of wrong predictions, above 0 and below 1.", quote(words)),
        "For five percent, write 0.05 or 5%.");
  return risk;
}

}  // namespace mien::face
