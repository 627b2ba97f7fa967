// SPDX-License-Identifier: Apache-2.0
#include "mien/present/layout.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/base/text.h"

namespace mien::present {
namespace {

using recognise::BoxEvidence;
using recognise::RecognizedFace;

std::string sentence(const std::string& words) { return words.empty() ? words : words + "."; }

Panel panel_of(const MapGroup& group, const MapTile& tile, std::string title) {
  return {tile.picture, std::move(title), range_text(group, tile), tile.scale};
}

/// What the colours of several maps have in common.
std::string range_of(const MapGroup& group) {
  const recognise::Scale& scale = group.tiles.front().scale;
  if (!scale.is_signed()) return "each from low to high";
  return fmt::format("±{} {}", fixed(scale.high, scale.high < 10 ? 1 : 0), group.quantity);
}

constexpr std::size_t kMostOpen = 8;  ///< panels of a group that is shown at once

PanelGroup panels_of(const MapGroup& group) {
  PanelGroup out;
  out.title = group.title;
  out.source = fmt::format("{}, {} × {} cells", group.output, group.rows, group.columns);
  out.meaning = sentence(group.meaning);
  out.range = range_of(group);
  for (const auto& tile : group.tiles) out.panels.push_back(panel_of(group, tile, tile.unit));
  out.is_open = group.quantity.empty() && group.tiles.size() <= kMostOpen;
  // Of the classes, the predicted one is a panel of its own.
  out.is_on_sheet = group.output != face::kClassMaps && group.output != face::kHeadClassMaps;
  return out;
}

std::string box_text(const face::Box& b) {
  return fmt::format("{} × {} px at {}, {}", std::lround(b.width), std::lround(b.height), std::lround(b.x),
                     std::lround(b.y));
}

std::string rotation_text(double degrees) {
  const std::string size = fmt::format("{:.1f}°", std::abs(degrees));
  if (std::abs(degrees) < 0.05) return size;
  return size + (degrees > 0 ? " anticlockwise" : " clockwise");
}

std::string landmarks_text(const RecognizedFace& f) {
  if (!f.detection.landmarks) return "none: the whole picture is the face";
  std::vector<std::string> points;
  for (const auto& p : f.detection.landmarks->points())
    points.push_back(fmt::format("{}, {}", std::lround(p.x), std::lround(p.y)));
  return join(points, " · ");
}

/// Single values and notes, which close every list of facts.
void add_last_facts(std::vector<Fact>& facts, const RecognizedFace& f) {
  for (const auto& v : f.values)
    if (v.values.size() == 1) facts.push_back({"Value", words_of(v), words_of(v)});
  facts.push_back({"Notes", f.notes.empty() ? "none" : join(f.notes, "; "), join(f.notes, " · ")});
}

/// Of a face that the network found itself.
std::vector<Fact> box_facts(const RecognizedFace& f, const FaceEvidence& e, const BoxEvidence& box,
                            const std::string& name) {
  std::vector<Fact> facts{
      {"Score",
       fmt::format("{:.1f} %: objectness {:.3f} × {} {:.3f}", 100 * f.detection.score, box.objectness, name,
                   box.class_score),
       fmt::format("objectness {:.2f} × {} {:.2f}", box.objectness, name, box.class_score)},
      {"Level", fmt::format("stride {} px of the input", box.stride),
       fmt::format("found on the level of stride {}", box.stride)},
      {"Box", box_text(f.detection.box)},
      {"Window", fmt::format("{} px of the picture, {} px of the input", std::lround(e.face_side_px), e.crop_side)}};
  add_last_facts(facts, f);
  return facts;
}

/// What each stage did.
std::vector<Fact> stage_facts(const RecognizedFace& f, const FaceEvidence& e) {
  std::vector<Fact> facts;
  if (f.detection.landmarks)
    facts.push_back({"Detector score", fmt::format("{:.1f} %", 100 * f.detection.score),
                     fmt::format("detector {:.0f} %", 100 * f.detection.score)});
  facts.push_back({"Box", box_text(f.detection.box)});
  facts.push_back(
      {"Landmarks", landmarks_text(f), f.detection.landmarks ? std::string() : "the whole picture is the face"});
  facts.push_back({"Rotated upright by", rotation_text(e.rotation_deg)});
  facts.push_back({"Scale", fmt::format("{:.2f} picture pixels per crop pixel ({} px → {} px)", e.scale,
                                        std::lround(e.face_side_px), e.crop_side)});
  if (e.outside > 0) facts.push_back({"Outside the picture", fmt::format("{:.1f} % of the crop", 100 * e.outside)});
  add_last_facts(facts, f);
  return facts;
}

Panel view_of(const RecognizedFace& f, const FaceEvidence& e, const BoxEvidence* box) {
  const std::string size = fmt::format("{} px wide", std::lround(e.face_side_px));
  if (box) return {e.view, "The face and its surroundings", size, {}, "with its box"};
  const double turn = std::abs(e.rotation_deg);
  Panel view{e.view, "The face, rotated upright",
             size + (turn < 0.5 ? ", upright" : fmt::format(", rotated by {:.0f}°", turn))};
  std::vector<std::string> points;
  if (f.detection.landmarks) points.push_back(e.landmarks.empty() ? "with its landmarks" : "white: detected landmarks");
  if (!e.landmarks.empty()) points.push_back("coloured: landmarks that the network of each part predicts");
  view.detail = join(points, "; ");
  return view;
}

/// The face as it went in, where it matters, and the evidence for the prediction.
std::vector<Panel> face_panels(const RecognizedFace& f, const FaceEvidence& e, const BoxEvidence* box) {
  std::vector<Panel> panels{view_of(f, e, box),
                            {e.input, "Input of the network", fmt::format("{} × {} px", e.crop_side, e.crop_side)},
                            panel_of(e.occlusion, e.occlusion.tiles.front(), e.occlusion.title)};
  for (const auto& made : e.pictures) panels.push_back({made.picture, kMadePictureTitle, made.meaning});
  for (const auto& group : e.groups)
    if (group.output == face::kClassMaps)
      panels.push_back(
          panel_of(group, group.tiles[group.chosen], fmt::format("Evidence for {}", group.tiles[group.chosen].unit)));
  return panels;
}

std::vector<std::pair<std::string, double>> named(const face::FaceValues& v) {
  std::vector<std::pair<std::string, double>> out;
  for (std::size_t i = 0; i < v.values.size(); ++i) out.emplace_back(v.labels[i], v.values[i]);
  return out;
}

/// Values of which there are several; those of the predicted class are marks on the face's own. The first are on the
/// sheet.
std::vector<Bars> value_bars(const RecognizedFace& f, const face::ModelCard& card) {
  std::vector<Bars> out;
  std::vector<const face::FaceValues*> shown;
  for (const auto& v : f.values) {
    if (v.values.size() == 1 || std::find(shown.begin(), shown.end(), &v) != shown.end()) continue;
    Bars bars{v.name, named(v)};
    bars.meaning = sentence(face::output_named(card, v.name).meaning);
    if (const auto* typical = of_class(f.values, v)) {
      shown.push_back(typical);
      bars.marks.assign(typical->values.begin(), typical->values.end());
      bars.marks_meaning = "line: the predicted class";
      bars.meaning += fmt::format(" The mark and the second number ({}): {}.", typical->name,
                                  face::output_named(card, typical->name).meaning);
    }
    bars.is_on_sheet = out.empty();
    out.push_back(std::move(bars));
  }
  return out;
}

/// Output with the most cells among those that scans gave.
std::string finest_of(const PictureMaps* picture) {
  std::string finest;
  int most = 0;
  if (!picture) return finest;
  for (const auto& group : picture->outputs)
    if (group.rows * group.columns > most) finest = group.output, most = group.rows * group.columns;
  return finest;
}

/// Step sizes in the box against those of the whole picture, by direction and block; on the sheet the block with the
/// finest map.
void add_steps(Block& block, const BoxEvidence& box, const PictureMaps* picture) {
  const std::string finest = finest_of(picture);
  block.closed_bars = "Step sizes of the scans in the box, divided by those of the whole picture";
  for (const auto& steps : box.steps) {
    Bars bars{fmt::format("Step sizes, {}: face ÷ picture", steps.name.substr(steps.name.find('_') + 1)), named(steps)};
    bars.is_open = false;
    bars.is_on_sheet = steps.name == finest;
    bars.is_numbered = true;  // as the maps of the picture
    block.bars.push_back(std::move(bars));
  }
  const bool has_steps =
      std::any_of(block.bars.begin(), block.bars.end(), [](const Bars& b) { return b.is_numbered && b.is_on_sheet; });
  for (auto& bars : block.bars)
    if (has_steps && !bars.is_numbered) bars.is_on_sheet = false;
}

Block face_block(std::size_t index, const RecognizedFace& f, const FaceEvidence& e, const face::ModelCard& card,
                 const PictureMaps* picture) {
  const BoxEvidence* box = f.evidence && f.evidence->box ? &*f.evidence->box : nullptr;
  Block block;
  block.heading = fmt::format("Face {}: {}", index + 1, label_of(f, card));
  block.facts = box ? box_facts(f, e, *box, card.classes[f.best]) : stage_facts(f, e);
  for (const auto k : face::ranking(f.probabilities))
    block.probabilities.emplace_back(card.classes[k], f.probabilities[k]);
  block.panels = face_panels(f, e, box);
  if (e.groups.empty()) block.note = "This model file has no maps of its own.";
  block.bars = value_bars(f, card);
  if (box) add_steps(block, *box, picture);
  for (const auto& group : e.groups) block.groups.push_back(panels_of(group));
  for (const auto& gate : e.gates)
    block.columns.push_back({fmt::format("Factors of {} channels ({})", gate.values.size(), gate.name), gate.name,
                             sentence(face::output_named(card, gate.name).meaning), gate.values});
  return block;
}

/// "1 rows, 2 columns": the numbers that maps have on the sheet.
std::string directions_text(const MapGroup& group) {
  std::vector<std::string> directions;
  for (std::size_t i = 0; i < group.tiles.size(); ++i)
    directions.push_back(fmt::format("{} {}", i + 1, group.tiles[i].unit));
  return join(directions, ", ");
}

/// What belongs to the picture, not to a face.
Block picture_block(const PictureMaps& maps) {
  Block block;
  block.heading = "The picture";
  if (!maps.outputs.empty()) {
    const std::string directions = directions_text(maps.outputs.front());
    block.facts = {{"Step sizes of the scans", directions, "step sizes of the scans: " + directions}};
  }
  Panel view{maps.view, "Input of the network", "with the boxes of all faces"};
  view.is_on_sheet = false;
  block.panels = {view, panel_of(maps.heat, maps.heat.tiles.front(), "Heat map")};
  block.note = fmt::format("Heat map: {}.", maps.heat.meaning);
  for (const auto& group : maps.outputs) {
    block.groups.push_back(panels_of(group));
    block.groups.back().is_open = false;
  }
  block.strips.title = "Gates of the channels";
  if (!maps.gates.empty()) block.strips.meaning = sentence(maps.gates.front().meaning);
  for (const auto& strip : maps.gates)
    block.strips.panels.push_back(
        {strip.picture, strip.output, fmt::format("gates of {} channels, 0 to 1", strip.gates.size())});
  return block;
}

std::string faces_text(const recognise::Recognition& r) {
  if (r.faces.empty()) return std::string(words_for_no_face(r));
  return r.faces.size() == 1 ? "one face" : fmt::format("{} faces", r.faces.size());
}

}  // namespace

Layout lay_out(const PictureReport& report, const cv::Mat& annotated, const std::vector<FaceEvidence>& evidence,
               const face::ModelCard& card, const PictureMaps* picture) {
  const auto& r = report.recognition;
  Layout out;
  out.title = report.path.filename().string();
  out.picture = {annotated, "the picture with its faces marked",
                 fmt::format("{} × {} px, {}", r.width, r.height, faces_text(r))};
  out.model = fmt::format("{} ({}), temperature {:.2f}", card.name, card.method, card.temperature);
  out.time = times_line(r.times);
  for (const auto& note : report.notes) out.notes.push_back(sentence(note));
  if (r.faces.empty())
    out.notes.push_back(r.left_out.total() > 0 ? "All faces were left out." : "No face was detected.");
  if (picture) out.blocks.push_back(picture_block(*picture));
  for (std::size_t i = 0; i < r.faces.size(); ++i)
    out.blocks.push_back(face_block(i, r.faces[i], evidence[i], card, picture));
  out.num_faces = r.faces.size();
  return out;
}

}  // namespace mien::present
