// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/sheet.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "mien/base/text.h"
#include "mien/recognise/text.h"
#include "mien/report/table.h"

namespace mien::recognise {
namespace {

using recognise::PictureReport;
using recognise::RecognizedFace;

// Pixels. A row has five squares and the probabilities next to them.
constexpr int kPageMargin = 48, kTile = 216, kGap = 20, kBars = 330, kColumns = 5;
constexpr int kWidth = 2 * kPageMargin + kColumns * (kTile + kGap) + kBars;
constexpr int kRowHead = 54, kCaption = 64, kRow = kRowHead + kTile + kCaption + 24;
constexpr int kHead = 300;

const cv::Scalar kPaper(255, 255, 255), kInk(38, 32, 28), kSoft(116, 106, 96), kLine(232, 226, 220),
    kWash(248, 245, 243), kAccent(168, 20, 42);
const cv::Scalar kBar(150, 90, 24), kPaleBar(214, 196, 180);
const TextStyle kTitle{26, true, kInk}, kHeading{19, true, kInk}, kBody{15, false, kInk}, kStrong{15, true, kInk},
    kSmallText{13, false, kSoft};

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

void draw_lines(cv::Mat& canvas, int x, int y, const std::string& words, const TextStyle& style, int width,
                std::size_t most) {
  auto lines = wrapped(words, style, width);
  lines.resize(std::min(lines.size(), most));
  for (std::size_t i = 0; i < lines.size(); ++i)
    draw_text(canvas, x, y + static_cast<double>(i) * std::round(style.size * 1.35), lines[i], style);
}

void draw_tile(cv::Mat& canvas, int x, int y, const cv::Mat& picture, const std::string& title,
               const std::string& caption) {
  square(picture, kTile).copyTo(canvas(cv::Rect(x, y, kTile, kTile)));
  draw_text(canvas, x, y + kTile + 22, shortened(title, kStrong, kTile), kStrong);
  draw_lines(canvas, x, y + kTile + 41, caption, kSmallText, kTile, 2);
}

/// Title, caption with the range, and the strip of colours between both.
void draw_map(cv::Mat& canvas, int x, int y, const MapGroup& group, const MapTile& tile, const std::string& title) {
  draw_tile(canvas, x, y, tile.picture, title, "");
  const int strip = 64;
  scale_strip(tile.scale, strip, 9).copyTo(canvas(cv::Rect(x, y + kTile + 33, strip, 9)));
  draw_text(canvas, x + strip + 8, y + kTile + 42, shortened(range_text(group, tile), kSmallText, kTile - strip - 8),
            kSmallText);
}

/// Several small maps in one square.
void draw_mosaic(cv::Mat& canvas, int x, int y, const MapGroup& group, const std::string& title) {
  const int across = group.tiles.size() > 4 ? 3 : group.tiles.size() > 1 ? 2 : 1, gap = 4;
  const int side = (kTile - (across - 1) * gap) / across;
  for (int i = 0; i < std::min<int>(across * across, static_cast<int>(group.tiles.size())); ++i) {
    const cv::Point at(x + i % across * (side + gap), y + i / across * (side + gap));
    square(group.tiles[static_cast<std::size_t>(i)].picture, side).copyTo(canvas(cv::Rect(at, cv::Size(side, side))));
    draw_text(canvas, at.x + 6, at.y + side - 7, std::to_string(i + 1), {12, true, cv::Scalar(255, 255, 255)});
  }
  draw_text(canvas, x, y + kTile + 22, shortened(title, kStrong, kTile), kStrong);
  const auto& first = group.tiles.front();
  const int strip = 64;
  scale_strip(first.scale, strip, 9).copyTo(canvas(cv::Rect(x, y + kTile + 33, strip, 9)));
  const std::string words =
      first.scale.is_signed()
          ? fmt::format("±{} {}", fixed(first.scale.high, first.scale.high < 10 ? 1 : 0), group.quantity)
          : "each from low to high";
  draw_text(canvas, x + strip + 8, y + kTile + 42, shortened(words, kSmallText, kTile - strip - 8), kSmallText);
}

void draw_probabilities(cv::Mat& canvas, int x, int y, const RecognizedFace& face, const face::ModelCard& card) {
  const auto order = face::ranking(face.probabilities);
  const int step = std::min(28, (kTile + 20) / static_cast<int>(std::max<std::size_t>(1, order.size())));
  const int name = 92, number = 58, room = kBars - name - number;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const float p = face.probabilities[order[i]];
    const int top = y + static_cast<int>(i) * step;
    const TextStyle& style = i == 0 ? kStrong : kBody;
    draw_text(canvas, x, top + 15, shortened(card.classes[order[i]], style, name - 8), style);
    const int length = std::max(1, static_cast<int>(std::lround(p * static_cast<float>(room))));
    canvas(cv::Rect(x + name, top + 4, length, 13)).setTo(i == 0 ? kBar : kPaleBar);
    draw_text(canvas, x + name + length + 7, top + 15, fmt::format("{:.1f} %", 100 * p),
              {13, false, i == 0 ? kInk : kSoft});
  }
}

/// Several values of one kind as bars in the place of a map; the longest is the largest size. `typical`: the predicted
/// class's, or null.
void draw_values(cv::Mat& canvas, int x, int y, const face::FaceValues& v, const face::FaceValues* typical) {
  const int count = static_cast<int>(v.values.size()), step = std::min(24, kTile / std::max(1, count));
  const int name = 74, number = 44, room = kTile - name - number;
  double largest = 1e-9;
  for (const float value : v.values) largest = std::max(largest, std::abs(static_cast<double>(value)));
  if (typical)
    for (const float value : typical->values) largest = std::max(largest, std::abs(static_cast<double>(value)));
  for (int i = 0; i < count && step >= 8; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const int top = y + i * step,
              length = std::max(1, static_cast<int>(std::lround(std::abs(v.values[at]) / largest * room)));
    const TextStyle style{std::min(13.0, step - 1.0), false, kInk};
    draw_text(canvas, x, top + step * 0.62, shortened(v.labels[at], style, name - 8), style);
    canvas(cv::Rect(x + name, top + step / 6, length, std::max(2, step / 2))).setTo(v.values[at] < 0 ? kPaleBar : kBar);
    if (typical) {
      const int mark =
          std::min(room - 2, static_cast<int>(std::lround(std::abs(typical->values[at]) / largest * room)));
      canvas(cv::Rect(x + name + mark, top + 1, 2, std::max(2, step * 5 / 6))).setTo(kInk);
    }
    draw_text(canvas, x + name + (typical ? room : length) + 6, top + step * 0.62, report::number_text(v.values[at]),
              {style.size, false, kSoft});
  }
  draw_text(canvas, x, y + kTile + 22, shortened(v.name, kStrong, kTile), kStrong);
  if (typical) draw_lines(canvas, x, y + kTile + 41, "line: the predicted class", kSmallText, kTile, 1);
}

std::string geometry_text(const FaceEvidence& e, bool is_box) {
  if (is_box) return fmt::format("{} px of the picture", std::lround(e.face_side_px));
  const double turn = std::abs(e.rotation_deg);
  return fmt::format("{} px of the picture{}", std::lround(e.face_side_px),
                     turn < 0.5 ? ", upright" : fmt::format(", rotated by {:.0f}°", turn));
}

/// "objectness 0.93 × fear 0.88 · found on the level of stride 8"
std::string origin_text(const BoxEvidence& box, const std::string& name) {
  return fmt::format("objectness {:.2f} × {} {:.2f} · found on the level of stride {}", box.objectness, name,
                     box.class_score, box.stride);
}

/// Step sizes in the box against those of the whole picture, of the block with the finest map.
const face::FaceValues* finest_steps(const RecognizedFace& face, const PictureMaps* picture) {
  if (!picture || !face.evidence || !face.evidence->box) return nullptr;
  const face::FaceValues* finest = nullptr;
  int most = 0;
  for (const auto& group : picture->outputs)
    for (const auto& steps : face.evidence->box->steps)
      if (steps.name == group.output && group.rows * group.columns > most)
        finest = &steps, most = group.rows * group.columns;
  return finest;
}

void draw_gates(cv::Mat& canvas, int x, int y, const std::vector<GateStrip>& gates) {
  const int step = (kTile + kCaption) / static_cast<int>(std::max<std::size_t>(4, gates.size()));
  for (std::size_t i = 0; i < gates.size(); ++i) {
    const int top = y + static_cast<int>(i) * step;
    cv::Mat strip;
    cv::resize(gates[i].picture, strip, {kBars - 20, step - 26}, 0, 0, cv::INTER_AREA);
    strip.copyTo(canvas(cv::Rect(x, top, strip.cols, strip.rows)));
    draw_text(canvas, x, top + step - 10,
              shortened(fmt::format("{}: gates of {} channels, 0 to 1", gates[i].output, gates[i].gates.size()),
                        kSmallText, kBars - 20),
              kSmallText);
  }
}

/// What holds for the whole picture, before its faces.
void draw_picture(cv::Mat& canvas, int y, const PictureMaps& picture) {
  rule(canvas, y);
  draw_text(canvas, kPageMargin, y + 35, "The picture", kHeading);
  draw_text(canvas, kPageMargin + 130, y + 34,
            picture.outputs.empty() ? ""
                                    : "step sizes of the scans: 1 rows, 2 columns, 3 and 4 their reverses, 5 "
                                      "diagonals, 6 antidiagonals, 7 and 8 their reverses",
            kSmallText);
  int x = kPageMargin;
  const int top = y + kRowHead;
  const auto next = [&] { return std::exchange(x, x + kTile + kGap); };
  draw_map(canvas, next(), top, picture.heat, picture.heat.tiles.front(), picture.heat.title);
  for (std::size_t i = 0; i < std::min<std::size_t>(kColumns - 1, picture.outputs.size()); ++i)
    draw_mosaic(canvas, next(), top, picture.outputs[i], picture.outputs[i].title);
  draw_gates(canvas, kPageMargin + kColumns * (kTile + kGap), top, picture.gates);
}

void draw_face(cv::Mat& canvas, int y, std::size_t index, const RecognizedFace& face, const FaceEvidence& e,
               const face::ModelCard& card, const PictureMaps* picture) {
  rule(canvas, y);
  int x = kPageMargin;
  const BoxEvidence* box = face.evidence && face.evidence->box ? &*face.evidence->box : nullptr;
  const std::string heading = fmt::format("Face {}  {}", index + 1, recognise::label_of(face, card));
  draw_text(canvas, x, y + 35, heading, kHeading);
  std::vector<std::string> facts{fmt::format("detector {:.0f} %", 100 * face.detection.score)};
  if (!face.detection.landmarks) facts = {"the whole picture is the face"};
  if (box) facts = {origin_text(*box, card.classes[face.best])};
  const face::FaceValues* several = nullptr;  // the first kind of which there is more than one
  for (const auto& v : face.values)
    if (v.values.size() == 1)
      facts.push_back(recognise::words_of(v));
    else if (!several)
      several = &v;
  facts.insert(facts.end(), face.notes.begin(), face.notes.end());
  const double after = x + text_width(heading, kHeading) + 20;
  draw_text(canvas, after, y + 34, shortened(join(facts, " · "), kSmallText, kWidth - kPageMargin - after), kSmallText);
  const int top = y + kRowHead;
  const auto next = [&] { return std::exchange(x, x + kTile + kGap); };
  draw_tile(canvas, next(), top, e.view, box ? "The face and its surroundings" : "The face, rotated upright",
            geometry_text(e, box != nullptr));
  draw_tile(canvas, next(), top, e.input, "Input of the network", fmt::format("{} × {} px", e.crop_side, e.crop_side));
  draw_map(canvas, next(), top, e.occlusion, e.occlusion.tiles.front(), e.occlusion.title);
  if (!e.pictures.empty())
    draw_tile(canvas, next(), top, e.pictures.front().picture, kMadePictureTitle, e.pictures.front().meaning);
  face::FaceValues steps;
  if (const auto* finest = finest_steps(face, picture)) {
    steps = *finest;
    steps.name = fmt::format("Step sizes, {}: face ÷ picture", steps.name.substr(steps.name.find('_') + 1));
    for (std::size_t i = 0; i < steps.labels.size(); ++i) steps.labels[i] = std::to_string(i + 1);  // as on the maps
    several = &steps;
  }
  int left = kColumns - 3 - (several ? 1 : 0) - (e.pictures.empty() ? 0 : 1);
  for (const auto& group : e.groups) {
    if (left == 0 || group.tiles.empty() || group.output == face::kHeadClassMaps) continue;
    --left;
    if (group.output == face::kClassMaps) {
      draw_map(canvas, next(), top, group, group.tiles[group.chosen],
               fmt::format("Evidence for {}", group.tiles[group.chosen].unit));
    } else if (group.tiles.size() == 1) {
      draw_map(canvas, next(), top, group, group.tiles.front(), group.title);
    } else {
      draw_mosaic(canvas, next(), top, group, group.title);
    }
  }
  if (e.groups.empty())
    draw_lines(canvas, next(), top + 18, "This model file has no maps of its own.", kSmallText, kTile, 4);
  if (several) draw_values(canvas, next(), top, *several, of_class(face.values, *several));
  draw_probabilities(canvas, kPageMargin + kColumns * (kTile + kGap), top, face, card);
}

void draw_head(cv::Mat& canvas, const PictureReport& report, const cv::Mat& annotated, const face::ModelCard& card) {
  const int height = kHead - 2 * 36, most = kWidth / 2;
  const double factor =
      std::min({static_cast<double>(height) / annotated.rows, static_cast<double>(most) / annotated.cols, 4.0});
  cv::Mat small;
  cv::resize(
      annotated, small,
      {std::max(1, static_cast<int>(annotated.cols * factor)), std::max(1, static_cast<int>(annotated.rows * factor))},
      0, 0, factor < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  small.copyTo(canvas(cv::Rect(kPageMargin, 36, small.cols, small.rows)));
  const int x = kPageMargin + small.cols + 32, room = kWidth - kPageMargin - x;
  const auto& r = report.recognition;
  draw_text(canvas, x, 62, shortened(report.path.filename().string(), kTitle, room), kTitle);
  const std::string faces = r.faces.empty()       ? std::string(words_for_no_face(r))
                            : r.faces.size() == 1 ? "one face"
                                                  : fmt::format("{} faces", r.faces.size());
  draw_text(canvas, x, 92, fmt::format("{} × {} px, {}", r.width, r.height, faces), kBody);
  draw_text(canvas, x, 116, fmt::format("{} ({}), temperature {:.2f}", card.name, card.method, card.temperature),
            kBody);
  draw_lines(canvas, x, 148, recognise::times_line(r.times), kSmallText, room, 2);
  draw_lines(canvas, x, 180,
             "Warm: evidence for it, or attention. Cold: evidence against it. Grey: neither. A map shows what "
             "influences this network's prediction, not what a person feels.",
             kSmallText, room, 4);
}

}  // namespace

cv::Mat sheet(const PictureReport& report, const cv::Mat& annotated, const std::vector<FaceEvidence>& evidence,
              const face::ModelCard& card, const PictureMaps* picture) {
  const std::size_t rows = std::min(kMaxSheetFaces, evidence.size());
  const int first = kHead + (picture ? kRow : 0);
  const int left_out = evidence.size() > rows ? 48 : 0;
  cv::Mat canvas(first + static_cast<int>(rows) * kRow + left_out + 12, kWidth, CV_8UC3, kPaper);
  draw_head(canvas, report, annotated, card);
  if (picture) draw_picture(canvas, kHead, *picture);
  for (std::size_t i = 0; i < rows; ++i)
    draw_face(canvas, first + static_cast<int>(i) * kRow, i, report.recognition.faces[i], evidence[i], card, picture);
  if (left_out > 0) {
    rule(canvas, first + static_cast<int>(rows) * kRow);
    draw_text(canvas, kPageMargin, canvas.rows - 24,
              fmt::format("and {} more, each with its own files", evidence.size() - rows), kSmallText);
  }
  return canvas;
}

}  // namespace mien::recognise
