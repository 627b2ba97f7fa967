// SPDX-License-Identifier: Apache-2.0
#include "mien/report/evaluation_page.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/text.h"
#include "mien/report/charts.h"
#include "mien/report/table.h"
#include "mien/report/thumbnails.h"

namespace mien::report {
namespace {

using report::Html;

std::string interval_text(const score::Interval& i) { return percent_text(i.low) + " to " + percent_text(i.high); }

/// Share of the raters who see what the model saw; "–" where there were no votes.
std::string raters_for(const pack::Sample& sample, std::size_t k) {
  return sample.has_votes ? percent_text(sample.distribution[k], 0) : "–";
}

Html mistake_gallery(const std::vector<score::Outcome>& mistakes, const score::Evaluation& e, const pack::Pack& pack) {
  std::vector<report::Thumbnail> thumbnails;
  for (const auto& m : mistakes) {
    const auto& said = e.classes[m.predicted];
    const auto& truth = e.classes[m.truth];
    thumbnails.push_back(
        {thumbnail_of(pack, m.picture), fmt::format("labelled {}, predicted as {}", truth, said),
         report::tag("strong", said) + report::escape(fmt::format(" {}\u00a0%", percent_text(m.confidence))) +
             Html::raw("<br>") + report::escape("label " + truth) + Html::raw("<br>") +
             report::name_of_file(std::filesystem::path(pack.sample(m.picture).source).filename().string())});
  }
  return report::gallery(thumbnails);
}

Html mistake_table(const std::vector<score::Outcome>& mistakes, const score::Evaluation& e, const pack::Pack& pack) {
  std::vector<std::vector<Html>> rows;
  for (const auto& m : mistakes) {
    const auto& sample = pack.sample(m.picture);
    rows.push_back({report::name_of_file(sample.source), report::escape(e.classes[m.truth]),
                    report::escape(e.classes[m.predicted]), report::escape(percent_text(m.confidence)),
                    report::escape(raters_for(sample, m.predicted))});
  }
  return report::table({{"picture", false, true},
                        {"label", false},
                        {"predicted", false},
                        {"confidence, %", true},
                        {"annotators who agree, %", true}},
                       rows);
}

void add_mistakes(report::Page& page, const score::Evaluation& e, const pack::Pack& pack, const PageOptions& options) {
  const auto mistakes = surest_mistakes(e, options.num_mistakes);
  if (mistakes.empty()) return page.add_section("Most confident mistakes", report::paragraph("There are no mistakes."));
  const auto all = e.samples - static_cast<std::size_t>(std::count_if(e.outcomes.begin(), e.outcomes.end(),
                                                                      [](const auto& o) { return o.correct(); }));
  const std::string which = fmt::format("The {} of {} mistakes with the highest confidence. ", mistakes.size(),
                                        report::count_text(static_cast<std::int64_t>(all)));
  if (options.shows(pack.info()))
    return page.add_section("Most confident mistakes", mistake_gallery(mistakes, e, pack),
                            which + private_note(pack.info()));
  page.add_section("Most confident mistakes", mistake_table(mistakes, e, pack), which + left_out_note(pack.info()));
}

/// Effect of the requested threshold.
std::vector<report::OperatingPoint> operating_points(const score::Evaluation& e) {
  if (!e.abstain) return {};
  const auto& s = e.selection;
  return {{s.coverage, s.risk,
           fmt::format("Point: the limit of {} answers {}, {} of them wrong ({}).", percent_with_sign(e.abstain->risk),
                       percent_with_sign(s.coverage), percent_with_sign(s.risk), interval_text(s.risk_interval))}};
}

/// Accuracy of each group: bars would hide the intervals, so a table.
void add_groups(report::Page& page, const score::Breakdown& breakdown) {
  std::vector<std::vector<Html>> rows;
  for (const auto& group : breakdown.groups)
    rows.push_back({report::escape(group.name), report::escape(report::count_text(group.size())),
                    report::share_cell(group.accuracy())});
  std::string note = fmt::format("Mean over groups ({}): {}. Intervals of 95 %, Wilson's.", breakdown.groups.size(),
                                 percent_with_sign(breakdown.mean_accuracy()));
  if (breakdown.unknown > 0)
    note += fmt::format(" Pictures without this field: {}.", report::count_text(breakdown.unknown));
  page.add_section("Accuracy by " + breakdown.title,
                   report::table({{breakdown.title, false}, {"pictures", true}, {"accuracy, %", true}}, rows), note);
}

void add_confidence(report::Page& page, const score::Evaluation& e, const score::Figures& figures) {
  page.add_section("Confidence",
                   report::side_by_side(
                       {report::reliability_diagram(figures.reliability, static_cast<std::int64_t>(e.samples), e.ece),
                        report::risk_coverage_chart(figures.risk_coverage, operating_points(e))}));
}

void add_origin(report::Page& page, const score::Evaluation& e, const score::Facts& facts, const pack::Pack& pack,
                const PageOptions& options) {
  Html body = report::facts({{"model", report::name_of_file(facts.model)},
                             {"data", report::name_of_file(facts.data)},
                             {"data set", report::escape(fmt::format("{}, {} part; licence: {}", pack.info().data_set,
                                                                     facts.split, pack.info().licence))},
                             {"label rule", report::escape(facts.label_rule)},
                             {"hash of the pack", report::name_of_file(pack.hash())},
                             {"temperature", report::escape(fixed(options.temperature, 3))},
                             {"negative log likelihood", report::escape(fixed(e.nll, 4) + " nats")},
                             {"KL from the label distribution", report::escape(fixed(e.kl_votes, 4) + " nats")},
                             {"seed of the bootstrap", report::escape(std::to_string(facts.seed))}});
  body += report::code_block(facts.command);
  if (!options.settings.empty()) body += report::folded("Configuration", report::code_block(options.settings));
  page.add_section("How this was measured", body);
}

}  // namespace

std::vector<score::Outcome> surest_mistakes(const score::Evaluation& evaluation, std::size_t limit) {
  std::vector<score::Outcome> wrong;
  std::copy_if(evaluation.outcomes.begin(), evaluation.outcomes.end(), std::back_inserter(wrong),
               [](const auto& o) { return !o.correct(); });
  std::stable_sort(wrong.begin(), wrong.end(),
                   [](const auto& a, const auto& b) { return a.confidence > b.confidence; });
  wrong.resize(std::min(wrong.size(), limit));
  return wrong;
}

report::Page evaluation_page(const score::Evaluation& e, const score::Figures& figures, const score::Facts& facts,
                             const pack::Pack& pack, const PageOptions& options) {
  const std::filesystem::path model(facts.model);
  report::Page page("Evaluation", fmt::format("{} on {}",
                                              model.extension() == ".onnx" || !model.has_parent_path()
                                                  ? model.stem().string()
                                                  : model.parent_path().filename().string(),
                                              pack.info().data_set));
  page.set_lead(report::escape(fmt::format("{} pictures of the {} part, labels by the rule {}.",
                                           report::count_text(static_cast<std::int64_t>(e.samples)), facts.split,
                                           facts.label_rule)));
  page.set_figures({{"accuracy", percent_with_sign(e.accuracy), interval_text(e.accuracy_interval) + " (95 %)"},
                    {"mean recall", percent_with_sign(e.mean_recall), "over classes"},
                    {"macro F1", percent_with_sign(e.macro_f1), "over classes"},
                    {"calibration error", percent_text(e.ece) + " %", "expected, 15 bins"}});
  page.add_section("Classes", report::class_table(figures.classes, e.classes),
                   fmt::format("With 95 % intervals: Wilson's for recall and precision; bootstrap over pictures for F1 "
                               "and for the accuracy ({} draws).",
                               report::count_text(score::Figures::kDraws)));
  page.add_section("Confusion", report::confusion_table(e.confusion, e.classes),
                   "Percent of the true class, and below it the number of pictures.");
  for (const auto& breakdown : e.by) add_groups(page, breakdown);
  for (const auto& hint : e.hints) page.add_section("Note", report::tag("p class=\"warn\"", hint + "."));
  add_confidence(page, e, figures);
  add_mistakes(page, e, pack, options);
  if (options.responses) add_responses(page, *options.responses, pack, e.by, options.shows(pack.info()));
  add_origin(page, e, facts, pack, options);
  return page;
}

}  // namespace mien::report
