// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/expression_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/json.h"
#include "mien/base/text.h"
#include "mien/onnx/model_file.h"
#include "mien/onnx/onnx_file.h"
#include "mien/runtime/input.h"

namespace mien::runtime {
namespace {

/// Names of the files that are most often given by mistake (pointers and web pages: base/stand_in.h).
void check_not_something_else(std::string_view bytes, const std::string& origin) {
  check_input(!bytes.empty(), fmt::format("{}: the model file is empty.", origin), "Copy or download it again.");
  check_input(!bytes.starts_with("PK\x03\x04"),
              fmt::format("{}: a zip archive or PyTorch checkpoint, not an exported model.", origin),
              "Export the run first: mien export RUN -o model.onnx.");
}

}  // namespace

face::ModelCard read_card(const std::filesystem::path& path) {
  require_file(path, "model");
  check_input(!path_is_folder(path), fmt::format("{}: a folder, not a model file.", path.string()),
              "Give the .onnx file. Export a run folder first: mien export RUN -o model.onnx.");
  const MappedFile file(path);
  const std::string origin = path.string();
  check_not_something_else({reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()}, origin);
  const onnx::OnnxFile onnx = onnx::read_onnx(file.bytes(), origin);
  const auto json = onnx.find(face::kCardKey);
  check_input(json.has_value(),
              fmt::format("{}: an ONNX model without a mien card, so its class order and input are unknown.", origin),
              "Give a model written by 'mien export'.");
  face::ModelCard card = face::card_from_json(parse_json(*json, "card of " + origin), origin);
  check_input(card.weights_hash == onnx.weights_hash,
              fmt::format("{}: the weights (hash {}) do not match the card (hash {}).", origin,
                          onnx.weights_hash.substr(0, 8), card.weights_hash.substr(0, 8)),
              "The file was changed or damaged after export. Copy it again, or export the model again.");
  const auto hash = onnx.find(onnx::kModelHashKey);
  check_input(!hash || *hash == onnx.model_hash,
              fmt::format("{}: the structure of the network was changed after export (its hash differs).", origin),
              "The file was changed or damaged after export. Copy it again, or export the model again.");
  return card;
}

void write_card(const std::filesystem::path& from, const face::ModelCard& card, const std::filesystem::path& to) {
  check_input(read_card(from).weights_hash == card.weights_hash,
              fmt::format("{}: the new card belongs to other weights.", from.string()));
  std::string bytes;
  {
    const MappedFile file(from);
    bytes = onnx::with_metadata(file.bytes(), face::kCardKey, compact(face::to_json(card)), from.string());
  }
  // A link still points to its file afterwards.
  write_file(whole_path(to), bytes);
}

ExpressionModel ExpressionModel::load(const std::filesystem::path& path, const ModelOptions& options) {
  ExpressionModel model;
  model.card_ = std::make_shared<const face::ModelCard>(read_card(path));
  ModelOptions network = options;
  network.single = true;  // most pictures have one face
  model.network_ = Model::load(path, network);
  const face::InputSpec& spec = model.card_->input;
  const Shape expected = {-1, spec.channels, spec.height, spec.width};
  const Shape& shape = model.network_.input_shape();
  bool fits = shape.size() == 4;
  for (std::size_t i = 1; fits && i < 4; ++i) fits = shape[i] == expected[i] || shape[i] == -1;
  check_input(fits, fmt::format("{}: the network's input differs from the input in its card.", path.string()),
              "Export the model again.");
  const auto& names = model.network_.output_names();
  for (const auto& output : model.card_->outputs)
    check_input(std::find(names.begin(), names.end(), output.name) != names.end(),
                fmt::format("{}: the card's output {} is not in the network.", path.string(), quote(output.name)),
                "Export the model again.");
  return model;
}

ExpressionSession::ExpressionSession(const ExpressionModel& model) : model_(model), session_(model.network()) {}

void ExpressionSession::require_finite(std::span<const float> values, const std::string& output) const {
  check_input(std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }),
              fmt::format("The model {} returned values that are not finite numbers (output {}).",
                          quote(model_.card().name), quote(output)),
              "Its weights contain NaN or infinity, or overflow. Export it again from another checkpoint.");
}

std::vector<float> ExpressionSession::logits(std::span<const std::uint8_t> crops, std::size_t count, int side,
                                             bool flip) {
  const face::ModelCard& card = model_.card();
  const face::InputSpec& spec = card.input;
  const std::size_t classes = card.classes.size();
  if (count == 0) return {};
  check_input(crops.size() % count == 0, "The crops differ in size.");
  const std::size_t crop_bytes = crops.size() / count,
                    plane = static_cast<std::size_t>(spec.channels) * spec.width * spec.height;
  const std::size_t views = views_ = flip ? 2 : 1;
  const auto input = session_.input({static_cast<std::int64_t>(count * views), spec.channels, spec.height, spec.width});
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t view = 0; view < views; ++view)
      fill_input(crops.subspan(i * crop_bytes, crop_bytes), side, spec, view == 1,
                 input.subspan((i * views + view) * plane, plane));
  session_.run();
  const TensorView out = session_.output(card.outputs.front().name);
  check_input(out.values.size() == count * views * classes,
              "The number of logits of the network differs from the number of classes in its card.");
  require_finite(out.values, card.outputs.front().name);
  if (!flip) return {out.values.begin(), out.values.end()};
  std::vector<float> mean(count * classes);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < classes; ++k)
      mean[i * classes + k] = (out.values[2 * i * classes + k] + out.values[(2 * i + 1) * classes + k]) / 2;
  return mean;
}

std::vector<OutputMaps> ExpressionSession::outputs_of(std::size_t index, const Choice& is_chosen) const {
  std::vector<OutputMaps> out;
  for (const auto& output : model_.card().outputs) {
    const TensorView all = session_.output(output.name);
    const face::OutputKind kind = face::kind_of(output, all.shape.size());
    if (!is_chosen(kind, all.shape.size())) continue;
    OutputMaps maps{output.name, {all.shape.begin() + 1, all.shape.end()}, {}};
    const std::size_t size = all.values.size() / static_cast<std::size_t>(all.shape.front());
    check_input((index + 1) * views_ * size <= all.values.size(), "The last run had fewer crops.");
    const auto first = all.values.subspan(index * views_ * size, size);
    maps.values.assign(first.begin(), first.end());
    const auto width = static_cast<std::size_t>(maps.shape.back());
    const auto mirrored = all.values.subspan((index * views_ + views_ - 1) * size, size);
    // The columns of a matrix are not positions: they are not mirrored. Codes of two views have no mean.
    const bool has_places = kind == face::OutputKind::maps || kind == face::OutputKind::picture;
    const bool has_mean = views_ == 2 && kind != face::OutputKind::features;
    for (std::size_t i = 0; has_mean && i < size; ++i)
      maps.values[i] = (maps.values[i] + mirrored[has_places ? i - i % width + (width - 1 - i % width) : i]) / 2;
    out.push_back(std::move(maps));
  }
  return out;
}

std::vector<OutputMaps> ExpressionSession::maps(std::size_t index) const {
  return outputs_of(index, [](face::OutputKind kind, std::size_t) {
    return kind == face::OutputKind::maps || kind == face::OutputKind::matrix;
  });
}

std::vector<OutputMaps> ExpressionSession::pictures(std::size_t index) const {
  return outputs_of(index, [](face::OutputKind kind, std::size_t) { return kind == face::OutputKind::picture; });
}

std::vector<OutputMaps> ExpressionSession::codes(std::size_t index) const {
  return outputs_of(
      index, [](face::OutputKind kind, std::size_t rank) { return kind == face::OutputKind::features && rank > 2; });
}

/// One crop's row of an output (B × n), the mean of its views.
std::vector<float> ExpressionSession::row(const TensorView& all, std::size_t index) const {
  const auto n = static_cast<std::size_t>(all.shape[1]);
  check_input((index + 1) * views_ * n <= all.values.size(), "The last run had fewer crops.");
  std::vector<float> mean(n);
  for (std::size_t view = 0; view < views_; ++view)
    for (std::size_t i = 0; i < n; ++i)
      mean[i] += all.values[(index * views_ + view) * n + i] / static_cast<float>(views_);
  return mean;
}

std::vector<face::FaceValues> ExpressionSession::values(std::size_t index) const {
  std::vector<face::FaceValues> out;
  for (const auto& output : model_.card().outputs) {
    const std::size_t n = output.labels.size();
    if (n == 0) continue;
    const TensorView all = session_.output(output.name);
    check_input(all.shape.size() == 2 && all.shape[1] == static_cast<std::int64_t>(n),
                fmt::format("The output {} does not return the {} values listed in the card.", quote(output.name), n),
                "Export the model again.");
    out.push_back({output.name, output.labels, row(all, index)});
    require_finite(out.back().values, output.name);
  }
  return out;
}

std::vector<face::FaceValues> ExpressionSession::features(std::size_t index) const {
  std::vector<face::FaceValues> out;
  const auto& outputs = model_.card().outputs;
  for (std::size_t i = 1; i < outputs.size(); ++i) {
    const TensorView all = session_.output(outputs[i].name);
    if (all.shape.size() == 2 && face::kind_of(outputs[i], 2) == face::OutputKind::features)
      out.push_back({outputs[i].name, {}, row(all, index)});
  }
  return out;
}

}  // namespace mien::runtime
