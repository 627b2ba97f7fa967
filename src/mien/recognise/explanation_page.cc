// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/explanation_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "mien/base/text.h"
#include "mien/image/encode.h"
#include "mien/report/charts.h"

namespace mien::recognise {
namespace {

using report::Html;
using report::tag;

constexpr int kTilePx = 224, kPicturePx = 640;

report::Thumbnail thumbnail(const cv::Mat& picture, const std::string& title, const std::string& words) {
  return {embedded(picture, kTilePx), words.empty() ? title : title + ": " + words,
          tag("strong", title) + Html::raw("<br>") + report::escape(words)};
}

report::Thumbnail thumbnail(const MapGroup& group, const MapTile& tile) {
  return thumbnail(tile.picture, tile.unit, range_text(group, tile));
}

/// Of a face that the network found itself.
Html origin(const recognise::RecognizedFace& f, const FaceEvidence& e, const face::ModelCard& card) {
  const face::Box& b = f.detection.box;
  const BoxEvidence& box = *f.evidence->box;
  return report::facts(
      {{"Score", report::escape(fmt::format("{:.1f} %: objectness {:.3f} × {} {:.3f}", 100 * f.detection.score,
                                            box.objectness, card.classes[f.best], box.class_score))},
       {"Level", report::escape(fmt::format("stride {} px of the input", box.stride))},
       {"Box", report::escape(fmt::format("{} × {} px at {}, {}", std::lround(b.width), std::lround(b.height),
                                          std::lround(b.x), std::lround(b.y)))},
       {"Window", report::escape(fmt::format("{} px of the picture, {} px of the input", std::lround(e.face_side_px),
                                             e.crop_side))},
       {"Notes", report::escape(f.notes.empty() ? "none" : join(f.notes, "; "))}});
}

/// Step sizes in the box, by direction and block.
Html steps_of(const BoxEvidence& box) {
  Html all;
  for (const auto& steps : box.steps) {
    std::vector<std::pair<std::string, double>> rows;
    for (std::size_t i = 0; i < steps.values.size(); ++i) rows.emplace_back(steps.labels[i], steps.values[i]);
    all += tag("div", report::figure(steps.name, {}, report::value_bars(rows)));
  }
  if (all.empty()) return all;
  return report::folded("Step sizes of the scans in the box, divided by those of the whole picture", all);
}

/// Maps that belong to the picture, not to a face.
Html picture_block(const PictureMaps& maps) {
  const MapTile& heat = maps.heat.tiles.front();
  Html out =
      report::figure("Scores", {},
                     report::gallery({thumbnail(maps.view, "Input of the network", "with the boxes of all faces"),
                                      thumbnail(heat.picture, "Heat map", range_text(maps.heat, heat))},
                                     true),
                     maps.heat.meaning + ".");
  for (const auto& group : maps.outputs) {
    std::vector<report::Thumbnail> tiles;
    for (const auto& tile : group.tiles) tiles.push_back(thumbnail(group, tile));
    out += report::folded(
        fmt::format("{} ({}, {} × {} cells)", group.title, group.output, group.rows, group.columns),
        report::paragraph(group.meaning + ". Each direction has a scale of its own.") + report::gallery(tiles, true));
  }
  std::vector<report::Thumbnail> gates;
  for (const auto& strip : maps.gates)
    gates.push_back(thumbnail(strip.picture, strip.output, fmt::format("{} channels, 0 to 1", strip.gates.size())));
  if (!gates.empty())
    out += report::folded("Gates of the channels",
                          report::paragraph(maps.gates.front().meaning + ".") + report::gallery(gates, true));
  return out;
}

Html stages(const recognise::RecognizedFace& f, const FaceEvidence& e) {
  const face::Box& b = f.detection.box;
  std::vector<std::pair<std::string, Html>> rows;
  const auto add = [&](const char* name, const std::string& value) { rows.emplace_back(name, report::escape(value)); };
  if (f.detection.landmarks) add("Detector score", fmt::format("{:.1f} %", 100 * f.detection.score));
  add("Box", fmt::format("{} × {} px at {}, {}", std::lround(b.width), std::lround(b.height), std::lround(b.x),
                         std::lround(b.y)));
  std::vector<std::string> points;
  if (f.detection.landmarks)
    for (const auto& p : f.detection.landmarks->points())
      points.push_back(fmt::format("{}, {}", std::lround(p.x), std::lround(p.y)));
  add("Landmarks", points.empty() ? "none: the whole picture is the face" : join(points, " · "));
  add("Rotated upright by", fmt::format("{:.1f}°{}", std::abs(e.rotation_deg),
                                        std::abs(e.rotation_deg) < 0.05 ? ""
                                        : e.rotation_deg > 0            ? " anticlockwise"
                                                                        : " clockwise"));
  add("Scale", fmt::format("{:.2f} picture pixels per crop pixel ({} px → {} px)", e.scale, std::lround(e.face_side_px),
                           e.crop_side));
  if (e.outside > 0) add("Outside the picture", fmt::format("{:.1f} % of the crop", 100 * e.outside));
  for (const auto& v : f.values)
    if (v.values.size() == 1) add("Value", recognise::words_of(v));
  add("Notes", f.notes.empty() ? "none" : join(f.notes, "; "));
  return report::facts(rows);
}

Html bars(const recognise::RecognizedFace& f, const face::ModelCard& card) {
  std::vector<std::pair<std::string, double>> shares;
  for (const auto k : face::ranking(f.probabilities)) shares.emplace_back(card.classes[k], f.probabilities[k]);
  return report::share_bars(shares);
}

/// Values of which there are several: bars with the card's meaning; those of the predicted class are marks on the
/// face's own.
Html values_of(const recognise::RecognizedFace& f, const face::ModelCard& card) {
  Html out;
  std::vector<const face::FaceValues*> shown;
  for (const auto& v : f.values) {
    if (v.values.size() == 1 || std::find(shown.begin(), shown.end(), &v) != shown.end()) continue;
    std::vector<std::pair<std::string, double>> rows;
    for (std::size_t i = 0; i < v.values.size(); ++i) rows.emplace_back(v.labels[i], v.values[i]);
    std::vector<double> marks;
    std::string meaning = face::output_named(card, v.name).meaning + ".";
    if (const auto* typical = of_class(f.values, v)) {
      shown.push_back(typical);
      marks.assign(typical->values.begin(), typical->values.end());
      meaning += fmt::format(" The mark and the second number ({}): {}.", typical->name,
                             face::output_named(card, typical->name).meaning);
    }
    out += report::figure(v.name, {}, report::value_bars(rows, marks), meaning);
  }
  return out;
}

std::string words_for_points(const recognise::RecognizedFace& f, const FaceEvidence& e) {
  std::vector<std::string> parts;
  if (f.detection.landmarks) parts.push_back(e.landmarks.empty() ? "with its landmarks" : "white: detected landmarks");
  if (!e.landmarks.empty()) parts.push_back("coloured: landmarks that the network of each part predicts");
  return join(parts, "; ");
}

Html face_block(std::size_t index, const recognise::RecognizedFace& f, const FaceEvidence& e,
                const face::ModelCard& card) {
  Html out = tag("h3 style=\"font-size: 17px; margin-top: 34px\"",
                 fmt::format("Face {}: {}", index + 1, recognise::label_of(f, card)));
  const BoxEvidence* box = f.evidence && f.evidence->box ? &*f.evidence->box : nullptr;
  out += report::side_by_side({bars(f, card), box ? origin(f, e, card) : stages(f, e)});
  const auto& occlusion = e.occlusion.tiles.front();
  std::vector<report::Thumbnail> first{
      box ? thumbnail(e.view, "The face and its surroundings", "with its box")
          : thumbnail(e.view, "The face, rotated upright", words_for_points(f, e)),
      thumbnail(e.input, "Input of the network", fmt::format("{} × {} px", e.crop_side, e.crop_side)),
      thumbnail(occlusion.picture, e.occlusion.title, range_text(e.occlusion, occlusion))};
  for (const auto& made : e.pictures) first.push_back(thumbnail(made.picture, kMadePictureTitle, made.meaning));
  for (const auto& group : e.groups)
    if (group.output == face::kClassMaps)
      first.push_back(thumbnail(group.tiles[group.chosen].picture,
                                fmt::format("Evidence for {}", group.tiles[group.chosen].unit),
                                range_text(group, group.tiles[group.chosen])));
  out += report::gallery(first, true);
  out += values_of(f, card);
  if (box) out += steps_of(*box);
  if (e.groups.empty()) out += report::paragraph("This model file has no maps of its own.");
  Html open, folded;
  for (const auto& group : e.groups) {
    std::vector<report::Thumbnail> tiles;
    for (const auto& tile : group.tiles) tiles.push_back(thumbnail(group, tile));
    const std::string title =
        fmt::format("{} ({}, {} × {} cells)", group.title, group.output, group.rows, group.columns);
    if (group.quantity.empty() && tiles.size() <= 8) {
      open += tag("div", report::figure(title, {}, report::gallery(tiles, true), group.meaning + "."));
    } else {
      folded += report::folded(title, report::paragraph(group.meaning + ".") + report::gallery(tiles, true));
    }
  }
  for (const auto& gate : e.gates)
    folded += report::folded(fmt::format("Factors of {} channels ({})", gate.values.size(), gate.name),
                             report::paragraph(face::output_named(card, gate.name).meaning + ".") +
                                 report::value_columns(gate.values, gate.name));
  return out + open + folded;
}

}  // namespace

std::string embedded(const cv::Mat& picture, int most_px) {
  cv::Mat small = picture;
  const double factor = static_cast<double>(most_px) / std::max(picture.rows, picture.cols);
  if (factor < 1)
    cv::resize(
        picture, small,
        {std::max(1, static_cast<int>(picture.cols * factor)), std::max(1, static_cast<int>(picture.rows * factor))}, 0,
        0, cv::INTER_AREA);
  constexpr int kQuality = 86;
  return report::data_uri("image/jpeg", image::encode_jpeg(small, kQuality));
}

report::Html picture_section(const recognise::PictureReport& report, const cv::Mat& annotated,
                             const std::vector<FaceEvidence>& evidence, const face::ModelCard& card,
                             const PictureMaps* maps) {
  const auto& r = report.recognition;
  Html out = report::picture(
      {embedded(annotated, kPicturePx), fmt::format("the picture with {} faces marked", r.faces.size()),
       report::escape(fmt::format("{} × {} px. {}", r.width, r.height, recognise::times_line(r.times)))});
  for (const auto& note : report.notes) out += report::paragraph(note + ".");
  if (r.faces.empty())
    out += report::paragraph(r.left_out.total() > 0 ? "All faces were left out." : "No face was detected.");
  if (maps) out += picture_block(*maps);
  for (std::size_t i = 0; i < r.faces.size(); ++i) out += face_block(i, r.faces[i], evidence[i], card);
  return out;
}

}  // namespace mien::recognise
