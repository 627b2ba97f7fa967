// SPDX-License-Identifier: Apache-2.0
#include "mien/present/explanation_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "mien/base/text.h"
#include "mien/image/encode.h"
#include "mien/report/charts.h"

namespace mien::present {
namespace {

using report::Html;
using report::tag;

constexpr int kTilePx = 224, kPicturePx = 640;

/// JPEG of `picture`, at most `most_px` on its longer side, as a data URI.
std::string embedded(const cv::Mat& picture, int most_px) {
  constexpr int kQuality = 86;
  cv::Mat small = picture;
  const double factor = static_cast<double>(most_px) / std::max(picture.rows, picture.cols);
  if (factor < 1) {
    const cv::Size size(std::max(1, static_cast<int>(picture.cols * factor)),
                        std::max(1, static_cast<int>(picture.rows * factor)));
    cv::resize(picture, small, size, 0, 0, cv::INTER_AREA);
  }
  return report::data_uri("image/jpeg", image::encode_jpeg(small, kQuality));
}

std::string caption_of(const Panel& panel) {
  return panel.detail.empty() ? panel.caption : panel.caption + "; " + panel.detail;
}

Html gallery(const std::vector<Panel>& panels) {
  std::vector<report::Thumbnail> thumbnails;
  for (const auto& panel : panels) {
    const std::string caption = caption_of(panel);
    thumbnails.push_back({embedded(panel.picture, kTilePx),
                          caption.empty() ? panel.title : panel.title + ": " + caption,
                          tag("strong", panel.title) + Html::raw("<br>") + report::escape(caption)});
  }
  return report::gallery(thumbnails, /*large=*/true);
}

Html facts(const std::vector<Fact>& facts) {
  std::vector<std::pair<std::string, Html>> rows;
  for (const auto& fact : facts) rows.emplace_back(fact.name, report::escape(fact.value));
  return report::facts(rows);
}

/// Probabilities next to the facts, where there are both.
Html numbers_of(const Block& block) {
  if (block.probabilities.empty()) return block.facts.empty() ? Html() : facts(block.facts);
  return report::side_by_side({report::share_bars(block.probabilities), facts(block.facts)});
}

Html bars_of(const Block& block) {
  Html open, closed;
  for (const auto& bars : block.bars) {
    const Html drawing = report::figure(bars.title, {}, report::value_bars(bars.values, bars.marks), bars.meaning);
    if (bars.is_open)
      open += drawing;
    else
      closed += tag("div", drawing);
  }
  return closed.empty() ? open : open + report::folded(block.closed_bars, closed);
}

/// Open groups come before those that are shown on a click.
Html groups_of(const Block& block) {
  Html open, closed;
  for (const auto& group : block.groups) {
    const std::string title = fmt::format("{} ({})", group.title, group.source);
    if (group.is_open)
      open += tag("div", report::figure(title, {}, gallery(group.panels), group.meaning));
    else
      closed += report::folded(title, report::paragraph(group.meaning) + gallery(group.panels));
  }
  if (!block.strips.panels.empty())
    closed +=
        report::folded(block.strips.title, report::paragraph(block.strips.meaning) + gallery(block.strips.panels));
  for (const auto& columns : block.columns)
    closed += report::folded(columns.title,
                             report::paragraph(columns.meaning) + report::value_columns(columns.values, columns.name));
  return open + closed;
}

Html section_of(const Block& block) {
  Html out = tag("h3 style=\"font-size: 17px; margin-top: 34px\"", block.heading);
  out += numbers_of(block) + gallery(block.panels);
  if (!block.note.empty()) out += tag("p class=\"note\"", block.note);
  return out + bars_of(block) + groups_of(block);
}

}  // namespace

Html picture_section(const Layout& layout) {
  Html out = report::picture({embedded(layout.picture.picture, kPicturePx), layout.picture.title,
                              report::escape(fmt::format("{}. {}", layout.picture.caption, layout.time))});
  for (const auto& note : layout.notes) out += report::paragraph(note);
  for (const auto& block : layout.blocks) out += section_of(block);
  return out;
}

}  // namespace mien::present
