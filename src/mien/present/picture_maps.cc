// SPDX-License-Identifier: Apache-2.0
#include "mien/present/picture_maps.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/base/shortest.h"
#include "mien/report/table.h"

namespace mien::present {
namespace {

constexpr float kLeastTop = 0.1f;  ///< of the colours of the heat map: a picture without faces stays pale
constexpr int kGatesWidth = 512, kGatesHeight = 96;

/// "steps_p4" → "p4"
std::string block_of(const std::string& output) { return output.substr(output.find('_') + 1); }

/// A tile of values over the whole input; the peak in picture pixels.
MapTile whole_tile(std::string unit, std::span<const float> cells, int rows, int columns, const recognise::Scale& scale,
                   const cv::Mat& view, const recognise::PictureEvidence& picture) {
  MapTile tile{std::move(unit), scale, 0, 0, {}, {}};
  const auto [low, high] = std::minmax_element(cells.begin(), cells.end());
  tile.low = *low, tile.high = *high;
  const int at = static_cast<int>(high - cells.begin());
  const auto& l = picture.letterbox;
  const float x =
      (static_cast<float>(at % columns) + 0.5f) * static_cast<float>(l.input_width) / static_cast<float>(columns);
  const float y =
      (static_cast<float>(at / columns) + 0.5f) * static_cast<float>(l.input_height) / static_cast<float>(rows);
  const face::Box peak = l.to_picture(face::Box{x, y, 0, 0});
  tile.peak = {peak.x, peak.y};
  tile.picture = recognise::paint(
      view, recognise::enlarge(cells, recognise::even_axis(rows), recognise::even_axis(columns), view.size()), scale);
  return tile;
}

MapGroup heat_group(const recognise::PictureEvidence& picture) {
  MapGroup group{"heat_map",
                 "Scores",
                 "score of the best class at each place, the best of all levels: objectness times class score",
                 "",
                 "",
                 picture.heat.rows,
                 picture.heat.cols,
                 {}};
  const std::span<const float> values(picture.heat.ptr<float>(), picture.heat.total());
  MapTile tile =
      whole_tile("score", values, picture.heat.rows, picture.heat.cols,
                 {0, std::max(kLeastTop, *std::max_element(values.begin(), values.end()))}, picture.view, picture);
  group.tiles.push_back(std::move(tile));
  return group;
}

MapGroup steps_group(const runtime::OutputMaps& maps, const cv::Mat& view, const recognise::PictureEvidence& picture,
                     const face::ModelCard& card) {
  const int rows = static_cast<int>(maps.shape[1]), columns = static_cast<int>(maps.shape[2]);
  const std::size_t cells = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  MapGroup group{maps.name,
                 fmt::format("Step sizes, block {}", block_of(maps.name)),
                 face::output_named(card, maps.name).meaning,
                 "",
                 "",
                 rows,
                 columns,
                 {}};
  const auto names = recognise::direction_names(maps.values.size() / cells);
  for (std::size_t k = 0; k < names.size(); ++k) {
    // Directions differ more from each other than places do: each has a scale of its own.
    const auto map = std::span(maps.values).subspan(k * cells, cells);
    group.tiles.push_back(whole_tile(names[k], map, rows, columns, recognise::scale_of(map), view, picture));
  }
  return group;
}

GateStrip strip_of(const face::FaceValues& values, const face::ModelCard& card) {
  GateStrip strip{values.name, face::output_named(card, values.name).meaning, values.values, {}};
  strip.picture = cv::Mat(kGatesHeight, kGatesWidth, CV_8UC3, cv::Scalar(248, 245, 243));
  const auto count = static_cast<double>(strip.gates.size());
  const auto edge = [&](double i) { return static_cast<int>(std::lround(i * kGatesWidth / count)); };
  for (std::size_t i = 0; i < strip.gates.size(); ++i) {
    const int left = edge(static_cast<double>(i)), right = std::max(left + 1, edge(static_cast<double>(i) + 1));
    const int height = static_cast<int>(std::lround(std::clamp(strip.gates[i], 0.0f, 1.0f) * kGatesHeight));
    const cv::Rect bar(left, kGatesHeight - height, std::min(right, kGatesWidth) - left, height);
    if (bar.area() > 0) strip.picture(bar).setTo(cv::Scalar(150, 90, 24));
  }
  return strip;
}

}  // namespace

void outline(cv::Mat& view, const face::Box& box, const face::ModelCard& card) {
  const double x = static_cast<double>(view.cols) / card.input.width,
               y = static_cast<double>(view.rows) / card.input.height;
  const cv::Rect rect(cv::Point(static_cast<int>(std::lround(box.x * x)), static_cast<int>(std::lround(box.y * y))),
                      cv::Point(static_cast<int>(std::lround((box.x + box.width) * x)),
                                static_cast<int>(std::lround((box.y + box.height) * y))));
  cv::rectangle(view, rect, {30, 30, 30}, 4, cv::LINE_AA);
  cv::rectangle(view, rect, {255, 255, 255}, 2, cv::LINE_AA);
}

MapGroup field_group(const recognise::BoxEvidence& box, const recognise::PictureEvidence& picture,
                     const face::ModelCard& card) {
  MapGroup group{"receptive_field",
                 "Effective receptive field",
                 "change of the log-odds of the face's score per grey level when the cell becomes brighter or darker, "
                 "by size; measured by differences of two grey levels",
                 "",
                 "",
                 recognise::kFieldCells,
                 recognise::kFieldCells,
                 {}};
  group.tiles.push_back(whole_tile("input", box.field, recognise::kFieldCells, recognise::kFieldCells,
                                   recognise::scale_of(box.field), picture.view, picture));
  group.words = fmt::format("0 to {} a grey level", report::number_text(group.tiles.front().high));
  outline(group.tiles.front().picture, box.box, card);
  return group;
}

Json to_json(const recognise::BoxEvidence& box) {
  Json steps = Json::object();
  for (const auto& values : box.steps)
    for (std::size_t i = 0; i < values.labels.size(); ++i)
      steps[values.name][values.labels[i]] = rounded(values.values[i], 1e6);
  return {{"stride", box.stride},
          {"objectness", rounded(box.objectness, 1e6)},
          {"class_score", rounded(box.class_score, 1e6)},
          {"steps", std::move(steps)}};
}

PictureMaps picture_maps(const recognise::Recognition& recognition, const face::ModelCard& card) {
  check_input(recognition.evidence.has_value(), "This picture was recognised without recording its evidence.");
  const recognise::PictureEvidence& picture = *recognition.evidence;
  PictureMaps out;
  out.view = picture.view.clone();
  for (const auto& face : recognition.faces)
    if (face.evidence && face.evidence->box) outline(out.view, face.evidence->box->box, card);
  out.heat = heat_group(picture);
  for (const auto& maps : picture.maps)
    if (maps.shape.size() == 3) out.outputs.push_back(steps_group(maps, picture.view, picture, card));
  for (const auto& values : picture.gates) out.gates.push_back(strip_of(values, card));
  return out;
}

std::vector<std::string> picture_names(const PictureMaps& maps) {
  std::vector<std::string> names{"heat_map"};
  for (const auto& group : maps.outputs)
    for (std::size_t i = 0; i < group.tiles.size(); ++i) names.push_back(fmt::format("{}-{}", group.output, i + 1));
  for (const auto& strip : maps.gates) names.push_back(strip.output);
  return names;
}

std::vector<cv::Mat> picture_tiles(const PictureMaps& maps) {
  std::vector<cv::Mat> tiles{maps.heat.tiles.front().picture};
  for (const auto& group : maps.outputs)
    for (const auto& tile : group.tiles) tiles.push_back(tile.picture);
  for (const auto& strip : maps.gates) tiles.push_back(strip.picture);
  return tiles;
}

Json summary(const PictureMaps& maps, const std::vector<std::string>& files) {
  Json all = Json::array(), gates = Json::array();
  std::size_t next = 0;
  append_maps(all, maps.heat, files, next);
  for (const auto& group : maps.outputs) append_maps(all, group, files, next);
  for (const auto& strip : maps.gates) {
    Json values = Json::array();
    for (const float gate : strip.gates) values.push_back(rounded(gate, 1e6));
    gates.push_back({{"output", strip.output}, {"gates", std::move(values)}, {"file", files.at(next++)}});
  }
  return {{"maps", std::move(all)}, {"gates", std::move(gates)}};
}

}  // namespace mien::present
