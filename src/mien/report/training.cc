// SPDX-License-Identifier: Apache-2.0
#include "mien/report/training.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/base/text.h"
#include "mien/report/charts.h"
#include "mien/report/style.h"
#include "mien/report/table.h"

namespace mien::report {
namespace {

/// A number inside a row, by path; NaN if the row has none.
double value_at(const Json& row, std::initializer_list<const char*> path) {
  const Json* at = &row;
  for (const char* key : path) {
    if (!at->is_object() || !at->contains(key)) return NAN;
    at = &at->at(key);
  }
  return at->is_number() ? at->get<double>() : NAN;
}

/// Epochs count from 1 in each stage; the plots count on.
std::vector<double> running_epochs(const std::vector<Json>& rows) {
  std::vector<double> x;
  double offset = 0, last = 0;
  std::string stage;
  for (const auto& row : rows) {
    const std::string here = row.value("stage", std::string());
    if (!x.empty() && here != stage) offset = last;
    stage = here;
    last = offset + value_at(row, {"epoch"});
    x.push_back(last);
  }
  return x;
}

/// The points of one value; epochs without it are left out, so that a curve continues over them.
Series series_of(const TrainingRecord& r, const std::vector<double>& epochs, std::string name,
                 std::initializer_list<const char*> path, double factor) {
  Series s{std::move(name), {}, {}};
  for (std::size_t i = 0; i < epochs.size(); ++i)
    if (const double v = value_at(r.epochs[i], path); std::isfinite(v) && std::isfinite(epochs[i]))
      s.x.push_back(epochs[i]), s.y.push_back(factor * v);
  return s;
}

/// The names inside an object that the rows have, in order of appearance.
std::vector<std::string> names_in(const std::vector<Json>& rows, const char* key) {
  std::vector<std::string> names;
  for (const auto& row : rows)
    if (row.contains(key) && row.at(key).is_object())
      for (const auto& [name, value] : row.at(key).items())
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

struct Best {
  const char* measure = "accuracy";
  double epoch = 0, value = -1;  ///< per cent; below 0: no epoch has the measure
};
/// By accuracy, or by average precision for a model that finds boxes.
Best best_of(const TrainingRecord& r, const std::vector<double>& epochs) {
  const Series accuracy = series_of(r, epochs, "accuracy", {"valid", "accuracy"}, 100),
               precision = series_of(r, epochs, "mAP50", {"valid", "map50"}, 100);
  const Series& judged = accuracy.x.empty() ? precision : accuracy;
  Best best{accuracy.x.empty() ? "mAP50" : "accuracy"};
  for (std::size_t i = 0; i < judged.y.size(); ++i)
    if (judged.y[i] > best.value) best.epoch = judged.x[i], best.value = judged.y[i];
  return best;
}

std::string duration_text(double seconds) {
  const auto minutes = static_cast<long long>(std::llround(seconds / 60));
  if (minutes < 1) return fmt::format("{} s", std::llround(seconds));
  return minutes < 60 ? fmt::format("{} min", minutes) : fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

std::string state_text(RunState state) {
  switch (state) {
    case RunState::running:
      return "The run is in progress, or was killed. This page shows the state at the time below and reloads every 30 "
             "seconds.";
    case RunState::interrupted:
      return "The run was interrupted and can be resumed.";
    case RunState::failed:
      return "The run ended with an error; see log.txt.";
    case RunState::done:
      return "The run is complete.";
  }
  return "";
}

void add_figures(Page& page, const TrainingRecord& r, const Best& best) {
  double seconds = 0, rate = 0;
  for (const auto& row : r.epochs) {
    if (const double s = value_at(row, {"seconds"}); std::isfinite(s)) seconds += s;
    if (const double v = value_at(row, {"images_per_second"}); std::isfinite(v)) rate = v;
  }
  std::vector<KeyFigure> figures;
  if (best.value >= 0)
    figures.push_back({fmt::format("best validation {}", best.measure), fixed(best.value, 2) + " %",
                       fmt::format("in epoch {:g}", best.epoch)});
  figures.push_back({"epochs", std::to_string(r.epochs.size()), ""});
  figures.push_back({"time", duration_text(seconds), rate > 0 ? fixed(rate, 0) + " pictures/s" : ""});
  page.set_figures(std::move(figures));
}

/// The figures of a stage's own score, one plot each.
void add_own_figures(std::vector<Html>& charts, const TrainingRecord& r, const std::vector<double>& epochs) {
  const std::vector<std::string> drawn{"accuracy", "mean_recall", "ece", "loss", "map50", "map50_95"};
  for (const auto& name : names_in(r.epochs, "valid")) {
    const Series figure = series_of(r, epochs, name, {"valid", name.c_str()}, 1);
    if (std::find(drawn.begin(), drawn.end(), name) == drawn.end() && !figure.x.empty())
      charts.push_back(curves_over_epochs({figure}, {.title = name, .y_label = "validation part"}));
  }
}

/// One rate, or one of each player.
std::vector<Series> rates_of(const TrainingRecord& r, const std::vector<double>& epochs) {
  std::vector<Series> rates{series_of(r, epochs, "learning rate", {"learning_rate"}, 1)};
  for (const auto& player : names_in(r.epochs, "learning_rate"))
    rates.push_back(series_of(r, epochs, player, {"learning_rate", player.c_str()}, 1));
  std::erase_if(rates, [](const Series& s) { return s.x.empty(); });
  return rates;
}

void add_validation(Page& page, const TrainingRecord& r, const std::vector<double>& epochs, const Best& best) {
  const Series accuracy = series_of(r, epochs, "accuracy", {"valid", "accuracy"}, 100);
  Series recall = series_of(r, epochs, "mean recall", {"valid", "mean_recall"}, 100);
  recall.dashed = true;  // both are seen where they are equal
  const Series map50 = series_of(r, epochs, "mAP50", {"valid", "map50"}, 100),
               map50_95 = series_of(r, epochs, "mAP50:95", {"valid", "map50_95"}, 100);
  const Series ece = series_of(r, epochs, "calibration error", {"valid", "ece"}, 100),
               loss = series_of(r, epochs, "loss", {"valid", "loss"}, 1);
  std::vector<Html> charts;
  if (!accuracy.x.empty())
    charts.push_back(
        curves_over_epochs({accuracy, recall}, {.title = "Accuracy and mean recall",
                                                .y_label = "share, %",
                                                .caption = "Vertical line: the epoch with the best weights.",
                                                .from_zero = false,
                                                .mark = best.epoch}));
  if (!map50.x.empty())
    charts.push_back(
        curves_over_epochs({map50, map50_95}, {.title = "Average precision",
                                               .y_label = "mean over classes, %",
                                               .caption = "Vertical line: the epoch with the best weights.",
                                               .mark = best.epoch}));
  if (!ece.x.empty())
    charts.push_back(curves_over_epochs({ece}, {.title = "Expected calibration error",
                                                .y_label = "error, %",
                                                .caption = "Without temperature scaling; 15 bins."}));
  if (!loss.x.empty()) charts.push_back(curves_over_epochs({loss}, {.title = "Validation loss", .y_label = "loss"}));
  add_own_figures(charts, r, epochs);
  if (!charts.empty()) page.add_section("Validation", side_by_side(charts));
}

/// Runs that know which of their labels are wrong (data.truth).
void add_noise(Page& page, const TrainingRecord& r, const std::vector<double>& epochs) {
  const Series memorised = series_of(r, epochs, "memorised", {"noise", "memorised"}, 100);
  Series recovered = series_of(r, epochs, "recovered", {"noise", "recovered"}, 100);
  recovered.dashed = true;
  if (memorised.x.empty()) return;
  page.add_section(
      "Wrong labels",
      curves_over_epochs({memorised, recovered}, {.title = "Treatment of wrong labels",
                                                  .y_label = "share, %",
                                                  .caption = "Training pictures with a known wrong label: share "
                                                             "predicted as the wrong label, and as the true label."}));
}

void add_training(Page& page, const TrainingRecord& r, const std::vector<double>& epochs) {
  std::vector<Html> charts;
  auto names = names_in(r.epochs, "loss");
  std::stable_partition(names.begin(), names.end(), [](const auto& name) { return name == "total"; });
  if (names.size() == 2 && names[0] == "total") names.pop_back();  // one term: the total says it
  for (const auto& name : names)
    charts.push_back(
        curves_over_epochs({series_of(r, epochs, name, {"loss", name.c_str()}, 1)},
                           {.title = name == "total" ? "Total loss" : name, .y_label = "mean over the epoch"}));
  const auto rates = rates_of(r, epochs);
  if (!rates.empty())
    charts.push_back(curves_over_epochs(rates, {.title = "Learning rate", .y_label = "rate at the epoch's end"}));
  const Series speed = series_of(r, epochs, "speed", {"images_per_second"}, 1);
  if (!speed.x.empty())
    charts.push_back(curves_over_epochs({speed}, {.title = "Speed", .y_label = "pictures per second"}));
  page.add_section("Training", charts.empty() ? paragraph("No epoch is complete yet.") : side_by_side(charts),
                   names.size() > 1 ? "The total is the weighted sum of the terms. Each term is plotted without its "
                                      "weight; a term of weight 0 is only monitored."
                                    : "");
}

/// The names of one level of the epochs' records, in order of appearance; `entry` empty: the first level.
std::vector<std::string> record_names(const std::vector<Json>& rows, const std::string& entry = "") {
  std::vector<std::string> names;
  for (const auto& row : rows) {
    const Json* at = row.is_object() && row.contains("record") ? &row.at("record") : nullptr;
    if (at && !entry.empty()) at = at->is_object() && at->contains(entry) ? &at->at(entry) : nullptr;
    if (!at || !at->is_object()) continue;
    for (const auto& [name, value] : at->items())
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

/// Numbers that the method keeps of each epoch: one plot per entry, a curve per member; tables and words are left to
/// the file.
void add_record(Page& page, const TrainingRecord& r, const std::vector<double>& epochs) {
  std::vector<Html> charts;
  for (const auto& entry : record_names(r.epochs)) {
    std::vector<Series> curves{series_of(r, epochs, "", {"record", entry.c_str()}, 1)};
    for (const auto& member : record_names(r.epochs, entry))
      curves.push_back(series_of(r, epochs, member, {"record", entry.c_str(), member.c_str()}, 1));
    std::erase_if(curves, [](const Series& c) { return c.x.empty(); });
    for (std::size_t i = kNumSeriesColours; i < curves.size(); ++i) curves[i].dashed = true;  // colours repeat
    std::string title = entry;
    std::replace(title.begin(), title.end(), '_', ' ');
    if (!curves.empty()) charts.push_back(curves_over_epochs(curves, {.title = title, .y_label = "of the epoch"}));
  }
  if (!charts.empty())
    page.add_section("Values that the method records per epoch", side_by_side(charts),
                     "As in metrics.jsonl, under record.");
}

void add_pictures(Page& page, const TrainingRecord& r) {
  std::vector<Thumbnail> thumbnails;
  for (const auto& picture : r.pictures)
    thumbnails.push_back({picture.source, picture.caption, escape(picture.epoch + ": " + picture.caption)});
  if (!thumbnails.empty()) page.add_section("Pictures of the method", gallery(thumbnails, /*large=*/true));
}

std::string samples_text(const face::Provenance& provenance) {
  std::vector<std::string> parts;
  for (const auto& [part, count] : provenance.samples) parts.push_back(count_text(count) + " " + part);
  return join(parts, ", ");
}

/// Data, seed, and the program and machine of the run; what is not known is left out.
Html run_facts(const TrainingRecord& r) {
  std::vector<std::pair<std::string, Html>> pairs;
  const auto add = [&pairs](const char* name, const std::string& value) {
    if (!value.empty()) pairs.emplace_back(name, escape(value));
  };
  add("data set", r.provenance.data_set);
  add("licence", r.provenance.licence);
  add("label rule", r.provenance.label_rule);
  add("hash of the pack", r.provenance.data_hash);
  if (r.provenance.seed) add("seed", std::to_string(*r.provenance.seed));
  const Html data = facts(pairs);
  pairs.clear();
  if (r.environment) {
    add("mien", r.environment->mien);
    add("revision", r.environment->revision);
    add("LibTorch", r.environment->torch);
    add("processor", r.environment->processor);
    if (r.environment->threads > 0) add("threads", std::to_string(r.environment->threads));
  }
  return data + facts(pairs);
}

}  // namespace

Page training_page(const TrainingRecord& r) {
  Page page("Training", r.name);
  if (r.state == RunState::running) page.set_reload(30);
  const std::string samples = samples_text(r.provenance);
  page.set_lead(escape((samples.empty() ? "" : "Pictures: " + samples + ". ") + state_text(r.state)));
  const auto epochs = running_epochs(r.epochs);
  const Best best = best_of(r, epochs);
  add_figures(page, r, best);
  add_validation(page, r, epochs, best);
  add_noise(page, r, epochs);
  add_training(page, r, epochs);
  add_record(page, r, epochs);
  add_pictures(page, r);
  Html body = run_facts(r) + code_block(r.command) + folded("Configuration", code_block(r.config));
  page.add_section("How it was trained", body);
  return page;
}

}  // namespace mien::report
