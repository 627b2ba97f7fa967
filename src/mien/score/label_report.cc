// SPDX-License-Identifier: Apache-2.0
#include "mien/score/label_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "mien/base/error.h"
#include "mien/base/output_guard.h"
#include "mien/base/text.h"
#include "mien/face/prediction.h"

namespace mien::score {
namespace {

std::optional<double> ratio(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// Share of the pairs of a wrong and a right label that the margins rank correctly; doubts are sorted by margin.
std::optional<double> ranking_of(const std::vector<LabelDoubt>& doubts, const std::vector<bool>& wrong) {
  double ordered = 0, wrong_below = 0, num_right = 0;
  for (std::size_t begin = 0; begin < doubts.size();) {
    std::size_t end = begin;
    double wrong_here = 0, right_here = 0;
    for (; end < doubts.size() && doubts[end].margin() == doubts[begin].margin(); ++end)
      (wrong[end] ? wrong_here : right_here) += 1;
    ordered += right_here * (wrong_below + wrong_here / 2);
    wrong_below += wrong_here;
    num_right += right_here;
    begin = end;
  }
  if (wrong_below == 0 || num_right == 0) return std::nullopt;
  return ordered / (wrong_below * num_right);
}

LabelTruth judge(const LabelReport& report) {
  std::vector<bool> wrong;
  std::int64_t memorised = 0;
  LabelTruth t;
  for (std::size_t i = 0; i < report.doubts.size(); ++i) {
    const auto& d = report.doubts[i];
    wrong.push_back(report.truth[i] != static_cast<int>(d.label));
    if (!wrong.back()) continue;
    ++t.wrong;
    t.wrong_suspects += d.suspect();
    memorised += d.answer == d.label;
  }
  const auto samples = static_cast<std::int64_t>(wrong.size()), right = samples - t.wrong,
             right_kept = right - (report.suspects - t.wrong_suspects);
  t.precision = ratio(t.wrong_suspects, report.suspects);
  t.recall = ratio(t.wrong_suspects, t.wrong);
  t.clean_precision = ratio(right_kept, samples - report.suspects);
  t.clean_recall = ratio(right_kept, right);
  t.ranking = ranking_of(report.doubts, wrong);
  t.memorised_share = ratio(memorised, t.wrong);
  return t;
}

void put(Json& json, const char* key, const std::optional<double>& value) { json[key] = value ? Json(*value) : Json(); }

}  // namespace

LabelReport report_labels(const Predictor& predictor, const std::vector<std::string>& predictor_classes,
                          const pack::Pack& pack, pack::Split split, const PredictionOptions& options,
                          const std::vector<std::pair<std::uint32_t, int>>& truth) {
  LabelReport report;
  report.classes = joint_classes(predictor_classes, pack);
  report.thresholds.assign(report.classes.size(), 0);
  for_each_prediction(predictor, predictor_classes, pack, split, options,
                      [&](std::uint32_t picture, std::span<const float> p) {
                        const auto label = static_cast<std::size_t>(pack.sample(picture).label);
                        for (std::size_t c = 0; c < p.size(); ++c) report.thresholds[c] += p[c];
                        report.doubts.push_back({picture, label, face::arg_max(p), p[label], 0});
                      });
  for (auto& t : report.thresholds) t /= static_cast<double>(report.doubts.size());
  for (auto& d : report.doubts) d.threshold = static_cast<float>(report.thresholds[d.label]);
  std::stable_sort(report.doubts.begin(), report.doubts.end(),
                   [](const auto& a, const auto& b) { return a.margin() < b.margin(); });
  report.suspects =
      std::count_if(report.doubts.begin(), report.doubts.end(), [](const auto& d) { return d.suspect(); });
  if (truth.empty()) return report;
  const std::map<std::uint32_t, int> right(truth.begin(), truth.end());
  for (const auto& d : report.doubts) {
    const auto found = right.find(d.picture);
    check_input(found != right.end(),
                fmt::format("The list of true labels does not contain picture {} ({}) of {}.", d.picture,
                            pack.sample(d.picture).source, pack.path().string()),
                "Lists of 'mien data noise' contain the training part: use --split train.");
    report.truth.push_back(found->second);
  }
  report.against_truth = judge(report);
  return report;
}

Json to_json(const LabelReport& r, const pack::Pack& pack, std::size_t rows) {
  Json thresholds = Json::object(), list = Json::array();
  for (std::size_t c = 0; c < r.classes.size(); ++c) thresholds[r.classes[c]] = r.thresholds[c];
  for (std::size_t i = 0; i < std::min(rows, r.doubts.size()); ++i) {
    const auto& d = r.doubts[i];
    Json row = {{"index", d.picture},           {"source", pack.sample(d.picture).source},
                {"label", r.classes[d.label]},  {"answer", r.classes[d.answer]},
                {"probability", d.probability}, {"threshold", d.threshold},
                {"margin", d.margin()}};
    if (!r.truth.empty()) row["right_label"] = r.classes[static_cast<std::size_t>(r.truth[i])];
    list.push_back(row);
  }
  Json json = {{"samples", r.doubts.size()}, {"suspects", r.suspects}, {"thresholds", thresholds}};
  if (r.against_truth) {
    const auto& t = *r.against_truth;
    Json& out = json["truth"] = {{"wrong", t.wrong}, {"wrong_suspects", t.wrong_suspects}};
    put(out, "precision", t.precision);
    put(out, "recall", t.recall);
    put(out, "clean_precision", t.clean_precision);
    put(out, "clean_recall", t.clean_recall);
    put(out, "ranking", t.ranking);
    put(out, "memorised_share", t.memorised_share);
  }
  json["list"] = list;
  return json;
}

std::string to_csv(const LabelReport& r, const pack::Pack& pack) {
  std::string out = std::string(kNoiseReportColumns) + (r.truth.empty() ? "\n" : ",right_label\n");
  for (std::size_t i = 0; i < r.doubts.size(); ++i) {
    const auto& d = r.doubts[i];
    out += fmt::format("{},{},{},{},{:.6f},{:.6f},{:.6f}", d.picture, csv_cell(pack.sample(d.picture).source),
                       r.classes[d.label], r.classes[d.answer], d.probability, d.threshold, d.margin());
    if (!r.truth.empty()) out += "," + r.classes[static_cast<std::size_t>(r.truth[i])];
    out += "\n";
  }
  return out;
}

}  // namespace mien::score
