// SPDX-License-Identifier: Apache-2.0
#include "mien/train/export_onnx.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/base/version.h"
#include "mien/nn/recorder.h"
#include "mien/onnx/onnx_writer.h"
#include "mien/onnx/operators.h"
#include "mien/onnx/passes.h"

namespace mien::train {
namespace {

void check_logits(const onnx::Graph& graph, const face::ModelCard& card) {
  for (const auto& output : graph.outputs)
    if (output.name == face::kLogits && !card.classes.empty() &&
        (output.dims.size() != 2 || output.dims[1] != static_cast<std::int64_t>(card.classes.size())))
      throw Error(ErrorKind::failed,
                  fmt::format("Export: the logits do not match the card's {} classes.", card.classes.size()));
}

/// The kind of each output, if the method does not set it. Boxes are (B,5+K,h,w), pictures (B,C,h,w).
std::vector<face::OutputSpec> with_kinds(std::vector<face::OutputSpec> outputs, const onnx::Graph& graph,
                                         std::size_t num_classes) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& dims = graph.outputs[i].dims;
    outputs[i].kind = face::kind_of(outputs[i], dims.size());
    const bool is_grid = outputs[i].kind == face::OutputKind::boxes || outputs[i].kind == face::OutputKind::picture;
    if (is_grid && dims.size() != 4)
      throw Error(ErrorKind::failed, fmt::format("Export: the output {} has {} dimensions, expected 4.",
                                                 quote(outputs[i].name), dims.size()));
    if (outputs[i].kind == face::OutputKind::boxes && dims[1] != static_cast<std::int64_t>(5 + num_classes))
      throw Error(ErrorKind::failed, fmt::format("Export: the boxes {} have {} channels, expected 5 and {} classes.",
                                                 quote(outputs[i].name), dims[1], num_classes));
  }
  return outputs;
}

/// Values of each face are (B,n), n: number of labels in the card.
void check_values(const onnx::Graph& graph, const std::vector<face::OutputSpec>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto n = static_cast<std::int64_t>(outputs[i].labels.size());
    const auto& dims = graph.outputs[i].dims;
    if (n > 0 && (dims.size() != 2 || dims[1] != n))
      throw Error(ErrorKind::failed,
                  fmt::format("Export: the output {} does not have one value per face for each of its {} labels.",
                              quote(outputs[i].name), n));
  }
}

}  // namespace

ExportReport export_onnx(const method::Deploy& deploy, face::ModelCard card, const std::filesystem::path& path,
                         const ExportOptions& options) {
  std::vector<std::string> names;
  for (const auto& output : deploy.outputs) names.push_back(output.name);
  const auto recording = nn::record(deploy.forward, {deploy.input.channels, deploy.input.height, deploy.input.width},
                                    names, deploy.weights);
  onnx::Graph graph = onnx::lower(recording);
  graph.name = card.name;
  onnx::simplify(graph);
  check_logits(graph, card);
  check_values(graph, deploy.outputs);
  card.mien_version = version();
  card.input = deploy.input;
  card.version = face::kCardVersion;
  card.outputs = with_kinds(deploy.outputs, graph, card.classes.size());
  card.parameters = onnx::count_parameters(graph);
  card.multiply_adds = onnx::count_multiply_adds(graph);
  if (options.half_weights) onnx::store_in_half_precision(graph);
  card.weights_hash = onnx::weights_hash(graph);
  const Json json = face::to_json(card);
  card.card_hash = json.at("card_hash").get<std::string>();
  const std::string bytes = onnx::write_onnx(graph, {{face::kCardKey, compact(json)}});
  write_file(path, bytes);
  return {card, static_cast<std::int64_t>(bytes.size()), graph.nodes.size()};
}

}  // namespace mien::train
