// SPDX-License-Identifier: Apache-2.0
#include "mien/present/sheet.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <opencv2/imgproc.hpp>

#include "mien/base/text.h"
#include "mien/present/text.h"
#include "mien/report/table.h"

namespace mien::present {
namespace {

// Pixels. A row has five squares and the probabilities next to them.
constexpr int kPageMargin = 48, kTile = 216, kGap = 20, kBars = 330, kColumns = 5;
constexpr int kWidth = 2 * kPageMargin + kColumns * (kTile + kGap) + kBars;
constexpr int kRowHead = 54, kCaption = 64, kRow = kRowHead + kTile + kCaption + 24;
constexpr int kHead = 300, kHeadMargin = 36;
constexpr int kStrip = 64, kStripHeight = 9;  ///< of the colours below a map

const cv::Scalar kPaper(255, 255, 255), kInk(38, 32, 28), kSoft(116, 106, 96), kLine(232, 226, 220);
const cv::Scalar kBar(150, 90, 24), kPaleBar(214, 196, 180);
const TextStyle kTitle{26, true, kInk}, kHeading{19, true, kInk}, kBody{15, false, kInk}, kStrong{15, true, kInk},
    kSmallText{13, false, kSoft};

/// Draws into a square of the row.
using Cell = std::function<void(cv::Mat& canvas, cv::Point at)>;

cv::Mat square(const cv::Mat& picture, int side) {
  cv::Mat out;
  cv::resize(picture, out, {side, side}, 0, 0, picture.rows > side ? cv::INTER_AREA : cv::INTER_LINEAR);
  return out;
}

void rule(cv::Mat& canvas, int y) { canvas(cv::Rect(kPageMargin, y, kWidth - 2 * kPageMargin, 1)).setTo(kLine); }

/// Lines of at most `width`, broken at spaces.
std::vector<std::string> wrapped(const std::string& words, const TextStyle& style, double width) {
  std::vector<std::string> lines{""};
  for (const auto& word : split(words, ' ')) {
    const std::string longer = lines.back().empty() ? word : lines.back() + " " + word;
    if (text_width(longer, style) <= width || lines.back().empty()) {
      lines.back() = longer;
    } else {
      lines.push_back(word);
    }
  }
  for (auto& line : lines) line = shortened(line, style, width);
  return lines;
}

/// The baseline of the line that would follow.
int draw_lines(cv::Mat& canvas, cv::Point at, const std::string& words, const TextStyle& style, int width,
               std::size_t most) {
  auto lines = wrapped(words, style, width);
  lines.resize(std::min(lines.size(), most));
  const int step = static_cast<int>(std::lround(style.size * 1.35));
  for (const auto& line : lines) {
    draw_text(canvas, at.x, at.y, line, style);
    at.y += step;
  }
  return at.y;
}

void draw_title(cv::Mat& canvas, cv::Point at, const std::string& title) {
  draw_text(canvas, at.x, at.y + kTile + 22, shortened(title, kStrong, kTile), kStrong);
}

/// The strip of colours and what it ranges over.
void draw_range(cv::Mat& canvas, cv::Point at, const recognise::Scale& colours, const std::string& range) {
  recognise::scale_strip(colours, kStrip, kStripHeight)
      .copyTo(canvas(cv::Rect(at.x, at.y + kTile + 33, kStrip, kStripHeight)));
  draw_text(canvas, at.x + kStrip + 8, at.y + kTile + 42, shortened(range, kSmallText, kTile - kStrip - 8), kSmallText);
}

void draw_panel(cv::Mat& canvas, cv::Point at, const Panel& panel, const std::string& title) {
  square(panel.picture, kTile).copyTo(canvas(cv::Rect(at.x, at.y, kTile, kTile)));
  draw_title(canvas, at, title);
  if (panel.colours)
    draw_range(canvas, at, *panel.colours, panel.caption);
  else
    draw_lines(canvas, {at.x, at.y + kTile + 41}, panel.caption, kSmallText, kTile, 2);
}

int panels_across(std::size_t count) {
  if (count > 4) return 3;
  return count > 1 ? 2 : 1;
}

/// Several small panels in one square, with their numbers.
void draw_mosaic(cv::Mat& canvas, cv::Point at, const PanelGroup& group) {
  const int across = panels_across(group.panels.size()), gap = 4;
  const int side = (kTile - (across - 1) * gap) / across;
  for (int i = 0; i < std::min<int>(across * across, static_cast<int>(group.panels.size())); ++i) {
    const cv::Point corner(at.x + i % across * (side + gap), at.y + i / across * (side + gap));
    square(group.panels[static_cast<std::size_t>(i)].picture, side)
        .copyTo(canvas(cv::Rect(corner, cv::Size(side, side))));
    draw_text(canvas, corner.x + 6, corner.y + side - 7, std::to_string(i + 1), {12, true, cv::Scalar(255, 255, 255)});
  }
  draw_title(canvas, at, group.title);
  if (group.panels.front().colours) draw_range(canvas, at, *group.panels.front().colours, group.range);
}

double largest_of(const Bars& bars) {
  double largest = 1e-9;
  for (const auto& [name, value] : bars.values) largest = std::max(largest, std::abs(value));
  for (const double mark : bars.marks) largest = std::max(largest, std::abs(mark));
  return largest;
}

/// Bars in the place of a map; the longest is the largest size.
void draw_bars(cv::Mat& canvas, cv::Point at, const Bars& bars) {
  constexpr int kName = 74, kNumber = 44, kRoom = kTile - kName - kNumber, kLeastStep = 8;
  const int count = static_cast<int>(bars.values.size()), step = std::min(24, kTile / std::max(1, count));
  const double largest = largest_of(bars);
  const auto length_of = [&](double value) { return static_cast<int>(std::lround(std::abs(value) / largest * kRoom)); };
  const TextStyle style{std::min(13.0, step - 1.0), false, kInk};
  for (int i = 0; i < count && step >= kLeastStep; ++i) {
    const auto& [name, value] = bars.values[static_cast<std::size_t>(i)];
    const int top = at.y + i * step, length = std::max(1, length_of(value));
    const double baseline = top + step * 0.62;
    draw_text(canvas, at.x, baseline, shortened(bars.is_numbered ? std::to_string(i + 1) : name, style, kName - 8),
              style);
    canvas(cv::Rect(at.x + kName, top + step / 6, length, std::max(2, step / 2))).setTo(value < 0 ? kPaleBar : kBar);
    if (!bars.marks.empty()) {
      const int mark = std::min(kRoom - 2, length_of(bars.marks[static_cast<std::size_t>(i)]));
      canvas(cv::Rect(at.x + kName + mark, top + 1, 2, std::max(2, step * 5 / 6))).setTo(kInk);
    }
    draw_text(canvas, at.x + kName + (bars.marks.empty() ? length : kRoom) + 6, baseline, report::number_text(value),
              {style.size, false, kSoft});
  }
  draw_title(canvas, at, bars.title);
  draw_lines(canvas, {at.x, at.y + kTile + 41}, bars.marks_meaning, kSmallText, kTile, 1);
}

void draw_probabilities(cv::Mat& canvas, cv::Point at, const std::vector<std::pair<std::string, double>>& shares) {
  constexpr int kName = 92, kNumber = 58, kRoom = kBars - kName - kNumber;
  const int step = std::min(28, (kTile + 20) / static_cast<int>(std::max<std::size_t>(1, shares.size())));
  bool is_first = true;
  for (const auto& [name, share] : shares) {
    const TextStyle& style = is_first ? kStrong : kBody;
    draw_text(canvas, at.x, at.y + 15, shortened(name, style, kName - 8), style);
    const int length = std::max(1, static_cast<int>(std::lround(share * kRoom)));
    canvas(cv::Rect(at.x + kName, at.y + 4, length, 13)).setTo(is_first ? kBar : kPaleBar);
    draw_text(canvas, at.x + kName + length + 7, at.y + 15, fmt::format("{:.1f} %", 100 * share),
              {13, false, is_first ? kInk : kSoft});
    at.y += step;
    is_first = false;
  }
}

void draw_strips(cv::Mat& canvas, cv::Point at, const std::vector<Panel>& strips) {
  const int step = (kTile + kCaption) / static_cast<int>(std::max<std::size_t>(4, strips.size()));
  for (const auto& strip : strips) {
    cv::Mat small;
    cv::resize(strip.picture, small, {kBars - 20, step - 26}, 0, 0, cv::INTER_AREA);
    small.copyTo(canvas(cv::Rect(at, small.size())));
    draw_text(canvas, at.x, at.y + step - 10,
              shortened(fmt::format("{}: {}", strip.title, strip.caption), kSmallText, kBars - 20), kSmallText);
    at.y += step;
  }
}

/// What a row has room for: panels first, bars last.
std::vector<Cell> cells_of(const Block& block) {
  std::vector<Cell> cells, bars;
  for (const auto& panel : block.panels)
    if (panel.is_on_sheet)
      cells.push_back([&panel](cv::Mat& canvas, cv::Point at) { draw_panel(canvas, at, panel, panel.title); });
  for (const auto& group : block.groups) {
    if (!group.is_on_sheet || group.panels.empty()) continue;
    if (group.panels.size() == 1)
      cells.push_back(
          [&group](cv::Mat& canvas, cv::Point at) { draw_panel(canvas, at, group.panels.front(), group.title); });
    else
      cells.push_back([&group](cv::Mat& canvas, cv::Point at) { draw_mosaic(canvas, at, group); });
  }
  if (block.groups.empty())
    cells.push_back([&block](cv::Mat& canvas, cv::Point at) {
      draw_lines(canvas, {at.x, at.y + 18}, block.note, kSmallText, kTile, 4);
    });
  for (const auto& b : block.bars)
    if (b.is_on_sheet) bars.push_back([&b](cv::Mat& canvas, cv::Point at) { draw_bars(canvas, at, b); });
  cells.resize(std::min(cells.size(), kColumns - std::min<std::size_t>(kColumns, bars.size())));
  cells.insert(cells.end(), bars.begin(), bars.end());
  return cells;
}

void draw_block(cv::Mat& canvas, int y, const Block& block) {
  rule(canvas, y);
  draw_text(canvas, kPageMargin, y + 35, block.heading, kHeading);
  std::vector<std::string> facts;
  for (const auto& fact : block.facts)
    if (!fact.brief.empty()) facts.push_back(fact.brief);
  const double after = kPageMargin + text_width(block.heading, kHeading) + 20;
  draw_text(canvas, after, y + 34, shortened(join(facts, " · "), kSmallText, kWidth - kPageMargin - after), kSmallText);
  cv::Point at(kPageMargin, y + kRowHead);
  for (const auto& cell : cells_of(block)) {
    cell(canvas, at);
    at.x += kTile + kGap;
  }
  at.x = kPageMargin + kColumns * (kTile + kGap);
  draw_probabilities(canvas, at, block.probabilities);
  draw_strips(canvas, at, block.strips.panels);
}

/// The picture, reduced or enlarged to the height of the head; its width.
int draw_picture(cv::Mat& canvas, const cv::Mat& picture) {
  constexpr double kMostEnlarged = 4;
  const double factor = std::min({static_cast<double>(kHead - 2 * kHeadMargin) / picture.rows,
                                  static_cast<double>(kWidth / 2) / picture.cols, kMostEnlarged});
  const cv::Size size(std::max(1, static_cast<int>(picture.cols * factor)),
                      std::max(1, static_cast<int>(picture.rows * factor)));
  cv::Mat small;
  cv::resize(picture, small, size, 0, 0, factor < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  small.copyTo(canvas(cv::Rect(cv::Point(kPageMargin, kHeadMargin), size)));
  return size.width;
}

void draw_head(cv::Mat& canvas, const Layout& layout) {
  const int x = kPageMargin + draw_picture(canvas, layout.picture.picture) + 32, room = kWidth - kPageMargin - x;
  draw_text(canvas, x, 62, shortened(layout.title, kTitle, room), kTitle);
  draw_text(canvas, x, 92, shortened(layout.picture.caption, kBody, room), kBody);
  draw_text(canvas, x, 116, shortened(layout.model, kBody, room), kBody);
  int y = draw_lines(canvas, {x, 148}, layout.time, kSmallText, room, 2);
  y = draw_lines(canvas, {x, y + 12}, kHowToRead, kSmallText, room, 4);
  draw_lines(canvas, {x, y + 12}, join(layout.notes, " "), kSmallText, room, 2);
}

}  // namespace

cv::Mat sheet(const Layout& layout) {
  const std::size_t own = layout.blocks.size() - layout.num_faces;  // the picture's
  const std::size_t rows = own + std::min(kMaxSheetFaces, layout.num_faces);
  const std::size_t left_out = layout.blocks.size() - rows;
  const int end = kHead + static_cast<int>(rows) * kRow;
  cv::Mat canvas(end + (left_out > 0 ? 48 : 0) + 12, kWidth, CV_8UC3, kPaper);
  draw_head(canvas, layout);
  for (std::size_t i = 0; i < rows; ++i) draw_block(canvas, kHead + static_cast<int>(i) * kRow, layout.blocks[i]);
  if (left_out == 0) return canvas;
  rule(canvas, end);
  draw_text(canvas, kPageMargin, canvas.rows - 24, fmt::format("and {} more, each with its own files", left_out),
            kSmallText);
  return canvas;
}

}  // namespace mien::present
