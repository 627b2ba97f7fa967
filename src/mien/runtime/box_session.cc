// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/box_session.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/runtime/input.h"

namespace mien::runtime {
namespace {

/// Picture `index` of an output (B, 5 + K, h, w).
face::BoxGrid grid_of(const TensorView& all, std::size_t index, const std::string& name) {
  check_input(all.shape.size() == 4,
              fmt::format("The boxes {} have {} dimensions, expected 4.", quote(name), all.shape.size()),
              "Export the model again.");
  check_input(std::all_of(all.values.begin(), all.values.end(), [](float v) { return std::isfinite(v); }),
              fmt::format("The boxes {} are not finite numbers.", quote(name)),
              "The model's weights contain NaN or infinity, or overflow. Export it again from another checkpoint.");
  const std::size_t size = all.values.size() / static_cast<std::size_t>(all.shape[0]);
  return {all.values.subspan(index * size, size), static_cast<int>(all.shape[2]), static_cast<int>(all.shape[3])};
}

}  // namespace

BoxSession::BoxSession(const ExpressionModel& model) : model_(model), session_(model.network()) {
  check_input(face::finds_boxes(model.card()),
              fmt::format("The model {} evaluates face crops and does not detect boxes.", model.card().name));
}

void BoxSession::run(std::span<const std::uint8_t> pictures, std::size_t count, int width, int height) {
  const face::InputSpec& spec = model_.card().input;
  check_input(count > 0 && pictures.size() % count == 0, "The pictures differ in size.");
  const std::size_t bytes = pictures.size() / count;
  const std::size_t plane = static_cast<std::size_t>(spec.channels) * spec.width * spec.height;
  const auto input = session_.input({static_cast<std::int64_t>(count), spec.channels, spec.height, spec.width});
  for (std::size_t i = 0; i < count; ++i)
    fill_input(pictures.subspan(i * bytes, bytes), width, height, spec, false, input.subspan(i * plane, plane));
  session_.run();
}

std::vector<face::BoxGrid> BoxSession::grids(std::size_t index) const {
  std::vector<face::BoxGrid> levels;
  for (const auto& output : model_.card().outputs)
    if (output.kind == face::OutputKind::boxes)
      levels.push_back(grid_of(session_.output(output.name), index, output.name));
  return levels;
}

std::span<const float> BoxSession::part(const TensorView& all, std::size_t index) const {
  const std::size_t size = all.values.size() / static_cast<std::size_t>(all.shape.at(0));
  return all.values.subspan(index * size, size);
}

std::vector<OutputMaps> BoxSession::maps(std::size_t index) const {
  std::vector<OutputMaps> out;
  for (const auto& output : model_.card().outputs) {
    if (output.kind != face::OutputKind::maps) continue;
    const TensorView all = session_.output(output.name);
    const auto values = part(all, index);
    out.push_back({output.name, {all.shape.begin() + 1, all.shape.end()}, {values.begin(), values.end()}});
  }
  return out;
}

std::vector<face::FaceValues> BoxSession::features(std::size_t index) const {
  std::vector<face::FaceValues> out;
  for (const auto& output : model_.card().outputs) {
    if (output.kind != face::OutputKind::features) continue;
    const auto values = part(session_.output(output.name), index);
    out.push_back({output.name, {}, {values.begin(), values.end()}});
  }
  return out;
}

std::vector<std::vector<face::ScoredBox>> BoxSession::boxes(std::span<const std::uint8_t> pictures, std::size_t count,
                                                            int width, int height, const BoxLimits& limits) {
  if (count == 0) return {};
  run(pictures, count, width, height);
  const face::ModelCard& card = model_.card();
  const face::InputSpec& spec = card.input;
  const face::BoxDecoding decoding{spec.width,         spec.height,    card.classes.size(),
                                   limits.least_score, limits.max_iou, limits.most};
  const float scale_x = static_cast<float>(width) / static_cast<float>(spec.width);
  const float scale_y = static_cast<float>(height) / static_cast<float>(spec.height);
  std::vector<std::vector<face::ScoredBox>> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(face::decode_boxes(grids(i), decoding));
    for (auto& found : out.back())
      found.box = {found.box.x * scale_x, found.box.y * scale_y, found.box.width * scale_x, found.box.height * scale_y};
  }
  return out;
}

}  // namespace mien::runtime
