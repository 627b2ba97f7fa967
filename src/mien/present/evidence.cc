// SPDX-License-Identifier: Apache-2.0
#include "mien/present/evidence.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/base/shortest.h"
#include "mien/base/text.h"
#include "mien/present/picture_maps.h"
#include "mien/recognise/made_picture.h"

namespace mien::present {
namespace {

constexpr double kLeastFall = 0.25;    ///< log-odds: an occlusion map that stays below gets pale colours
constexpr std::size_t kMaxTiles = 64;  ///< per output: more are no help to the eye

/// What its maps are maps of: "head_maps" and "head_class_maps" → "head", "gates" → "gates".
std::string unit_of(std::string output) {
  for (const std::string_view ending : {"_maps", "_class"})
    if (output.ends_with(ending)) output.resize(output.size() - ending.size());
  std::replace(output.begin(), output.end(), '_', ' ');
  return output;
}

bool is_by_class(const runtime::OutputMaps& maps) { return maps.name == face::kClassMaps; }

bool is_matrix(const runtime::OutputMaps& maps) { return maps.shape.size() == 2; }

/// Maps (n,K,h,w) of every class: only the name shows it, because eight heads could be confused with eight classes.
bool is_of_class(const runtime::OutputMaps& maps, std::size_t classes) {
  return maps.shape.size() == 4 && maps.name.ends_with("_class_maps") &&
         static_cast<std::size_t>(maps.shape[1]) == classes;
}

/// A matrix (h,w) without places in the picture, maps (n,h,w), or maps (n,m,h,w) of classes or of parts of parts.
/// Activations are the input of Score-CAM.
bool can_be_shown(const runtime::OutputMaps& maps) {
  if (maps.name == recognise::kActivationMaps) return false;
  return is_matrix(maps) || maps.shape.size() == 3 || maps.shape.size() == 4;
}

/// Factors of the channels: ViT-SE's excitation, SCAN-CCI's channel weights.
bool is_gate(const face::OutputSpec& output) { return output.range == "0..1" || output.range == ">= 0"; }

/// A card's words as part of a file name.
std::string plain(std::string name) {
  for (char& c : name)
    if (!(std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_')) c = '_';
  return name;
}

MapTile tile_of(std::string unit, std::span<const float> cells, const recognise::CellAxis& rows,
                const recognise::CellAxis& columns, const recognise::Scale& scale,
                const recognise::Evidence& evidence) {
  MapTile tile{std::move(unit), scale, 0, 0, {}, {}};
  const auto [low, high] = std::minmax_element(cells.begin(), cells.end());
  tile.low = *low, tile.high = *high;
  const int at = static_cast<int>(high - cells.begin());
  const auto side = static_cast<double>(evidence.crop.pixels.cols);
  tile.peak = evidence.crop.image_from_crop.apply({static_cast<float>(columns.centre(at % columns.count) * side),
                                                   static_cast<float>(rows.centre(at / columns.count) * side)});
  tile.picture = recognise::paint(evidence.view, recognise::enlarge(cells, rows, columns, evidence.view.cols), scale);
  return tile;
}

MapGroup occlusion_group(const recognise::Evidence& evidence, const face::ModelCard& card) {
  const recognise::CellAxis axis = recognise::even_axis(recognise::kOcclusionCells);
  const std::string name = card.classes[evidence.occlusion.target];
  MapGroup group{
      "occlusion",
      fmt::format("If covered, less {}", name),
      fmt::format("decrease of the log-odds of {} when a square with a quarter of the crop's side around the cell is "
                  "covered with grey; below 0, they increase",
                  name),
      "",
      fmt::format("at worst {:.0f} → {:.0f} %", 100 * evidence.occlusion.probability, 100 * evidence.occlusion.least),
      axis.count,
      axis.count,
      {}};
  group.tiles.push_back(tile_of(name, evidence.occlusion.values, axis, axis,
                                recognise::scale_of(evidence.occlusion.values, kLeastFall), evidence));
  return group;
}

MapGroup score_group(const recognise::ScoreMap& score, const recognise::Evidence& evidence,
                     const face::ModelCard& card) {
  const face::OutputSpec& spec = face::output_named(card, score.map.name);
  const int h = static_cast<int>(score.map.shape[1]), w = static_cast<int>(score.map.shape[2]);
  const std::string& name = card.classes[score.target];
  MapGroup group{"score_cam",
                 fmt::format("Score-CAM of {}", name),
                 fmt::format("sum of {} of the {} channels of {}, each weighted by the logit of {} that remains when "
                             "the channel masks the face",
                             score.channels, score.all_channels, score.map.name, name),
                 "",
                 "",
                 h,
                 w,
                 {}};
  group.tiles.push_back(tile_of(name, score.map.values, recognise::cell_axis(spec, h, card.input.height),
                                recognise::cell_axis(spec, w, card.input.width), recognise::scale_of(score.map.values),
                                evidence));
  return group;
}

/// Rows and columns are what the output relates, not places: squares of one colour on white, first row on top.
MapGroup matrix_group(const runtime::OutputMaps& maps, const recognise::Evidence& evidence,
                      const face::ModelCard& card) {
  const int h = static_cast<int>(maps.shape[0]), w = static_cast<int>(maps.shape[1]);
  MapGroup group{
      maps.name, fmt::format("Matrix of {}", maps.name), face::output_named(card, maps.name).meaning, "", "", h, w, {}};
  MapTile tile{maps.name, recognise::scale_of(maps.values), 0, 0, {}, {}};
  const auto [low, high] = std::minmax_element(maps.values.begin(), maps.values.end());
  tile.low = *low, tile.high = *high;
  const cv::Mat white(evidence.view.size(), evidence.view.type(), cv::Scalar::all(255));
  cv::Mat field, cells(h, w, CV_32F);
  std::copy(maps.values.begin(), maps.values.end(), cells.begin<float>());
  cv::resize(cells, field, white.size(), 0, 0, cv::INTER_NEAREST);
  tile.picture = recognise::paint(white, field, tile.scale);
  group.tiles.push_back(std::move(tile));
  return group;
}

/// "head 3", or "block head 2.5" where the maps have two indices.
std::string unit_name(const std::string& unit, const std::vector<std::int64_t>& shape, bool of_class, std::size_t i) {
  if (shape.size() < 4 || of_class) return fmt::format("{} {}", unit, i + 1);
  const auto inner = static_cast<std::size_t>(shape[1]);
  return fmt::format("{} {}.{}", unit, i / inner + 1, i % inner + 1);
}

/// One group per output: (n,h,w) one tile per n; (n,K,h,w) of classes the predicted class of each n; any other
/// (n,m,h,w) one tile per n and m.
MapGroup group_of(const runtime::OutputMaps& maps, const recognise::Evidence& evidence, const face::ModelCard& card) {
  if (is_matrix(maps)) return matrix_group(maps, evidence, card);
  const face::OutputSpec& spec = face::output_named(card, maps.name);
  const auto& shape = maps.shape;
  const std::size_t classes = card.classes.size(), best = evidence.occlusion.target, rank = shape.size();
  const bool by_class = is_by_class(maps), of_class = is_of_class(maps, classes);
  check_input(!by_class || static_cast<std::size_t>(shape[0]) == classes,
              fmt::format("The output {} has {} maps for {} classes.", quote(maps.name), shape[0], classes),
              "Export the model again.");
  const int h = static_cast<int>(shape[rank - 2]), w = static_cast<int>(shape[rank - 1]);
  const std::size_t cells = static_cast<std::size_t>(h) * static_cast<std::size_t>(w);
  const recognise::CellAxis rows = recognise::cell_axis(spec, h, card.input.height),
                            columns = recognise::cell_axis(spec, w, card.input.width);
  MapGroup group{maps.name, "", spec.meaning, spec.range.find("logits") != std::string::npos ? "logits" : "", "", h,
                 w,         {}};
  const std::string& name = card.classes[best];
  const std::string unit = unit_of(maps.name);
  group.title = by_class   ? "Evidence for each class"
                : of_class ? fmt::format("Evidence for {}, by {}", name, unit)
                           : fmt::format("{}{}", spec.range == "real" ? "Origin, by " : "Attention, by ", unit);
  const auto part = [&](std::size_t i) {
    return std::span(maps.values).subspan((of_class ? i * classes + best : i) * cells, cells);
  };
  const std::size_t all_maps = maps.values.size() / cells;
  const std::size_t count = std::min(kMaxTiles, of_class ? static_cast<std::size_t>(shape[0]) : all_maps);
  // Maps in logits are compared with each other, so they share a scale; attention has one of its own per map.
  std::vector<float> all;
  for (std::size_t i = 0; i < count; ++i) all.insert(all.end(), part(i).begin(), part(i).end());
  const recognise::Scale shared = recognise::scale_of(all);
  for (std::size_t i = 0; i < count; ++i)
    group.tiles.push_back(tile_of(by_class ? card.classes[i] : unit_name(unit, shape, of_class, i), part(i), rows,
                                  columns, shared.is_signed() ? shared : recognise::scale_of(part(i)), evidence));
  group.chosen = by_class ? best : 0;
  return group;
}

/// Outputs landmarks_PART of part-based: x0, y0, x1, y1, ... in units of the crop's side.
std::vector<PredictedLandmarks> predicted_landmarks(const std::vector<face::FaceValues>& features) {
  constexpr std::string_view kPrefix = "landmarks_";
  std::vector<PredictedLandmarks> out;
  for (const auto& feature : features) {
    if (!feature.name.starts_with(kPrefix)) continue;
    PredictedLandmarks& part = out.emplace_back();
    part.part = feature.name.substr(kPrefix.size());
    for (std::size_t i = 0; i + 1 < feature.values.size(); i += 2)
      part.points.push_back({feature.values[i], feature.values[i + 1]});
  }
  return out;
}

void draw_predicted(cv::Mat& view, const std::vector<PredictedLandmarks>& parts) {
  const std::array<cv::Scalar, 6> colours{cv::Scalar(60, 180, 255),  cv::Scalar(255, 200, 60),
                                          cv::Scalar(90, 230, 120),  cv::Scalar(80, 80, 255),
                                          cv::Scalar(255, 120, 230), cv::Scalar(230, 230, 90)};
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (const face::Point& point : parts[i].points) {
      const cv::Point centre(cv::saturate_cast<int>(point.x * static_cast<float>(view.cols)),
                             cv::saturate_cast<int>(point.y * static_cast<float>(view.rows)));
      cv::circle(view, centre, 2, colours[i % colours.size()], cv::FILLED, cv::LINE_AA);
    }
}

cv::Mat view_with_landmarks(const recognise::RecognizedFace& face, const std::vector<PredictedLandmarks>& predicted) {
  const auto& evidence = *face.evidence;
  cv::Mat out = evidence.view.clone();
  draw_predicted(out, predicted);
  if (!face.detection.landmarks) return out;
  const auto crop_from_image = evidence.crop.image_from_crop.inverse();
  const double enlargement = static_cast<double>(recognise::kViewSide) / evidence.crop.pixels.cols;
  for (const face::Point p : face.detection.landmarks->points()) {
    const face::Point q = crop_from_image.apply(p);
    const cv::Point centre(cv::saturate_cast<int>(q.x * enlargement), cv::saturate_cast<int>(q.y * enlargement));
    cv::circle(out, centre, 5, {30, 30, 30}, 1, cv::LINE_AA);
    cv::circle(out, centre, 4, {255, 255, 255}, cv::FILLED, cv::LINE_AA);
  }
  return out;
}

/// The face's box in the view of its window.
void draw_box(cv::Mat& view, const recognise::Evidence& e) {
  const cv::Rect window = recognise::window_of(e.box->box);
  const double factor = static_cast<double>(view.cols) / window.width;
  const auto at = [&](float place, int first) {
    return static_cast<int>(std::lround((place - static_cast<float>(first)) * factor));
  };
  const face::Box& b = e.box->box;
  const cv::Rect rect(cv::Point(at(b.x, window.x), at(b.y, window.y)),
                      cv::Point(at(b.x + b.width, window.x), at(b.y + b.height, window.y)));
  cv::rectangle(view, rect, {30, 30, 30}, 4, cv::LINE_AA);
  cv::rectangle(view, rect, {255, 255, 255}, 2, cv::LINE_AA);
}

}  // namespace

FaceEvidence evidence_of(const recognise::RecognizedFace& face, const face::ModelCard& card,
                         const recognise::PictureEvidence* picture) {
  check_input(face.evidence.has_value(), "This face was recognised without recording its evidence.");
  const recognise::Evidence& e = *face.evidence;
  FaceEvidence out;
  out.crop_side = e.crop.pixels.cols;
  out.landmarks = predicted_landmarks(e.features);
  out.view = view_with_landmarks(face, out.landmarks);
  const auto side = static_cast<float>(out.crop_side);
  for (auto& part : out.landmarks)
    for (face::Point& p : part.points) p = e.crop.image_from_crop.apply({p.x * side, p.y * side});
  out.input = recognise::enlarged(recognise::input_picture(e.crop.pixels));
  out.rotation_deg = e.crop.image_from_crop.rotation_rad() * 180 / std::numbers::pi;
  out.scale = e.crop.image_from_crop.scale();
  out.face_side_px = e.crop.face_side_px, out.outside = e.crop.outside;
  out.occlusion = occlusion_group(e, card);
  if (e.box && picture) {
    draw_box(out.view, e);
    out.groups.push_back(field_group(*e.box, *picture, card));
  }
  for (const auto& maps : e.maps)
    if (can_be_shown(maps)) out.groups.push_back(group_of(maps, e, card));
  if (e.score) out.groups.push_back(score_group(*e.score, e, card));
  for (const auto& feature : e.features)
    if (is_gate(face::output_named(card, feature.name))) out.gates.push_back(feature);
  for (const auto& made : e.pictures)
    out.pictures.push_back({made.name, face::output_named(card, made.name).meaning,
                            recognise::enlarged(recognise::made_picture(made, card.input))});
  return out;
}

const face::FaceValues* of_class(const std::vector<face::FaceValues>& all, const face::FaceValues& values) {
  for (const auto& other : all)
    if (other.name == "class_" + values.name && other.labels == values.labels) return &other;
  return nullptr;
}

std::string range_text(const MapGroup& group, const MapTile& tile) {
  if (!group.words.empty()) return group.words;
  const auto number = [&](double v) {
    const double size = std::abs(v);
    int decimals = 2;
    if (size >= 1) decimals = size >= 10 ? 0 : 1;
    if (size > 0 && size < 0.005) decimals = 4;
    return (v < 0 ? "−" : tile.scale.is_signed() && v > 0 ? "+" : "") + fixed(size, decimals);
  };
  return fmt::format("{} to {}{}{}", number(tile.low), number(tile.high), group.quantity.empty() ? "" : " ",
                     group.quantity);
}

std::vector<std::string> tile_names(const FaceEvidence& evidence) {
  std::vector<std::string> names{"crop", "input", "occlusion"};
  for (const auto& group : evidence.groups)
    for (std::size_t i = 0; i < group.tiles.size(); ++i)
      names.push_back(plain(fmt::format(
          "{}-{}", group.output, group.output == face::kClassMaps ? group.tiles[i].unit : std::to_string(i + 1))));
  for (const auto& made : evidence.pictures) names.push_back(plain(made.output));
  return names;
}

std::vector<cv::Mat> tile_pictures(const FaceEvidence& evidence) {
  std::vector<cv::Mat> pictures{evidence.view, evidence.input, evidence.occlusion.tiles.front().picture};
  for (const auto& group : evidence.groups)
    for (const auto& tile : group.tiles) pictures.push_back(tile.picture);
  for (const auto& made : evidence.pictures) pictures.push_back(made.picture);
  return pictures;
}

void append_maps(Json& maps, const MapGroup& group, const std::vector<std::string>& files, std::size_t& next) {
  for (const auto& tile : group.tiles)
    maps.push_back({{"output", group.output},
                    {"unit", tile.unit},
                    {"cells", {group.rows, group.columns}},
                    {"low", rounded(tile.low, 1e6)},
                    {"high", rounded(tile.high, 1e6)},
                    {"peak", {rounded(tile.peak.x, 100), rounded(tile.peak.y, 100)}},
                    {"file", files.at(next++)}});
}

Json summary(const FaceEvidence& e, const std::vector<std::string>& files) {
  Json maps = Json::array();
  std::size_t next = 2;
  append_maps(maps, e.occlusion, files, next);
  for (const auto& group : e.groups) append_maps(maps, group, files, next);
  Json pictures = Json::array();
  for (const auto& made : e.pictures) pictures.push_back({{"output", made.output}, {"file", files.at(next++)}});
  Json landmarks = Json::object();
  for (const auto& part : e.landmarks) {
    Json& points = landmarks[part.part] = Json::array();
    for (const auto& point : part.points) points.push_back({rounded(point.x, 100), rounded(point.y, 100)});
  }
  return {{"rotation_deg", rounded(e.rotation_deg, 100)},
          {"scale", rounded(e.scale, 1000)},
          {"face_side_px", rounded(e.face_side_px, 100)},
          {"outside", rounded(e.outside, 1000)},
          {"crop_side", e.crop_side},
          {"crop", files.at(0)},
          {"input", files.at(1)},
          {"model_has_maps", !e.groups.empty()},
          {"maps", std::move(maps)},
          {"landmarks", std::move(landmarks)},
          {"pictures", std::move(pictures)}};
}

}  // namespace mien::present
