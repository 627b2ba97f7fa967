// SPDX-License-Identifier: Apache-2.0
#include "mien/report/detection_page.h"

#include <fmt/core.h>

#include "mien/base/text.h"
#include "mien/report/plot.h"
#include "mien/report/table.h"

namespace mien::report {
namespace {

Html percent_cell(const std::optional<double>& share) {
  return escape(share ? percent_text(*share) : std::string("–"));
}

Html class_figures(const score::DetectionEvaluation& e) {
  std::vector<std::vector<Html>> rows;
  for (std::size_t c = 0; c < e.classes.size(); ++c) {
    const auto& k = e.scores.classes[c];
    rows.push_back({escape(e.classes[c]), escape(count_text(k.truths)), escape(count_text(k.found)),
                    percent_cell(k.voc50), percent_cell(k.coco), percent_cell(k.precision), percent_cell(k.recall),
                    percent_cell(k.f1)});
  }
  return table({{"class"},
                {"faces", true},
                {"found", true},
                {"AP50, %", true},
                {"AP50:95, %", true},
                {"precision, %", true},
                {"recall, %", true},
                {"F1, %", true}},
               rows);
}

/// Precision against recall, one curve per class that occurs.
Html precision_recall_chart(const score::DetectionEvaluation& e) {
  Plot plot({"recall, %", 0, 100}, {"precision, %", 0, 100}, "Precision against recall, by class");
  std::vector<LegendEntry> entries;
  for (std::size_t c = 0; c < e.classes.size(); ++c) {
    const auto& curve = e.scores.classes[c].curve;
    if (curve.empty()) continue;
    const int colour = static_cast<int>(entries.size());
    std::vector<double> x, y;
    for (const auto& point : curve) {
      x.push_back(100 * point.recall);
      y.push_back(100 * point.precision);
    }
    plot.curve(x, y, colour);
    entries.push_back({e.classes[c], colour});
  }
  return figure("Precision against recall", legend(entries), plot.finish(),
                "Starting with the most confident boxes, at an overlap (IoU) of 0.5.");
}

}  // namespace

Page detection_page(const score::DetectionEvaluation& e, const score::Facts& facts, const pack::Pack& pack,
                    const std::string& settings) {
  const auto& s = e.scores;
  Page page("Evaluation",
            fmt::format("{} on {}", std::filesystem::path(facts.model).stem().string(), pack.info().data_set));
  page.set_lead(escape(fmt::format("{} pictures of the {} part with {} faces; {} boxes predicted.",
                                   count_text(s.pictures), facts.split, count_text(s.truths), count_text(s.found))));
  std::vector<KeyFigure> figures{{"mAP50", percent_text(s.voc_map50) + " %", "Pascal VOC, all points"},
                                 {"mAP50, COCO", percent_text(s.coco_map50) + " %", "101 recall points"},
                                 {"mAP50:95", percent_text(s.coco_map) + " %", "COCO"}};
  if (const auto& b = e.baselines) {
    figures.push_back({"AP50 without classes", percent_text(b->any_class50) + " %", "any box on any face"});
    if (b->commonest >= 0)
      figures.push_back({"mAP50, one class", percent_text(b->commonest_map50) + " %",
                         fmt::format("the same boxes, all {}", e.classes[static_cast<std::size_t>(b->commonest)])});
  }
  page.set_figures(std::move(figures));
  page.add_section("Classes", class_figures(e),
                   "Precision, recall and F1 are computed for boxes with a score of 0.5 or more.");
  page.add_section("Precision and recall", precision_recall_chart(e));
  Html body = report::facts({{"model", name_of_file(facts.model)},
                             {"data", name_of_file(facts.data)},
                             {"data set", escape(fmt::format("{}, {} part; licence: {}", pack.info().data_set,
                                                             facts.split, pack.info().licence))},
                             {"hash of the pack", name_of_file(pack.hash())}});
  body += code_block(facts.command);
  if (!settings.empty()) body += folded("Configuration", code_block(settings));
  page.add_section("How this was measured", body);
  return page;
}

}  // namespace mien::report
