// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/passes.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::onnx {
namespace {

std::vector<float> floats_of(const Initializer& i) {
  std::vector<float> values(i.bytes.size() / sizeof(float));
  std::memcpy(values.data(), i.bytes.data(), values.size() * sizeof(float));
  return values;
}

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

const AttributeValue* find(const Node& node, const std::string& name) {
  for (const auto& [key, value] : node.attributes)
    if (key == name) return &value;
  return nullptr;
}

float real(const Node& node, const std::string& name, float otherwise) {
  const auto* value = find(node, name);
  return value ? std::get<float>(*value) : otherwise;
}

/// Folds one graph's norms; keeps the indices that the search needs.
class NormFolder {
 public:
  explicit NormFolder(Graph& graph) : graph_(graph) {
    for (const auto& o : graph.outputs) ++uses_[o.name];
    for (const auto& node : graph.nodes)
      for (const auto& input : node.inputs) ++uses_[input];
    for (std::size_t i = 0; i < graph.initializers.size(); ++i) initializers_[graph.initializers[i].name] = i;
  }

  void run() {
    std::map<std::string, std::size_t> producer;
    std::vector<Node> kept;
    for (auto& node : graph_.nodes) {
      const auto source = node.op == "BatchNormalization" ? producer.find(node.inputs[0]) : producer.end();
      if (source != producer.end() && fold(kept[source->second], node)) {
        producer[node.outputs[0]] = source->second;
        continue;
      }
      for (const auto& output : node.outputs) producer[output] = kept.size();
      kept.push_back(std::move(node));
    }
    graph_.nodes = std::move(kept);
  }

 private:
  const Initializer* constant(const std::string& name) const {
    const auto found = initializers_.find(name);
    if (found == initializers_.end() || graph_.initializers[found->second].type != ElementType::float32) return nullptr;
    return &graph_.initializers[found->second];
  }

  /// Puts `values` in place of `name` where nobody else reads it, else beside it; the name to read.
  std::string replace(const std::string& name, Initializer value) {
    value.name = name;
    if (uses_[name] == 1 && initializers_.count(name)) {
      graph_.initializers[initializers_.at(name)] = value;
      return name;
    }
    while (initializers_.count(value.name)) value.name += ".folded";
    initializers_[value.name] = graph_.initializers.size();
    uses_[value.name] = 1;
    graph_.initializers.push_back(value);
    return value.name;
  }

  bool fold(Node& layer, const Node& norm) {
    if ((layer.op != "Conv" && layer.op != "Gemm") || uses_[layer.outputs[0]] != 1) return false;
    if (layer.op == "Gemm" && (real(layer, "alpha", 1) != 1 || real(layer, "beta", 1) != 1)) return false;
    const Initializer* weight = constant(layer.inputs[1]);
    const bool has_bias = layer.inputs.size() > 2 && !layer.inputs[2].empty();
    const Initializer* bias = has_bias ? constant(layer.inputs[2]) : nullptr;
    const Initializer* parts[4];
    for (std::size_t i = 0; i < 4; ++i)
      if (!(parts[i] = constant(norm.inputs[i + 1]))) return false;
    if (!weight || (has_bias && !bias)) return false;
    const std::size_t channels = floats_of(*parts[0]).size();
    if (bias && bias->bytes.size() != channels * sizeof(float)) return false;

    const bool rows = layer.op == "Conv" || find(layer, "transB");  // output channels lie along dimension 0
    const auto gamma = floats_of(*parts[0]), beta = floats_of(*parts[1]), mean = floats_of(*parts[2]),
               variance = floats_of(*parts[3]);
    auto w = floats_of(*weight), b = bias ? floats_of(*bias) : std::vector<float>(channels, 0);
    std::vector<double> scale(channels);
    const double epsilon = real(norm, "epsilon", 1e-5f);
    for (std::size_t c = 0; c < channels; ++c) {
      scale[c] = gamma[c] / std::sqrt(variance[c] + epsilon);
      b[c] = static_cast<float>((b[c] - static_cast<double>(mean[c])) * scale[c] + beta[c]);
    }
    for (std::size_t i = 0; i < w.size(); ++i)
      w[i] = static_cast<float>(w[i] * scale[rows ? i / (w.size() / channels) : i % channels]);

    const Initializer new_weight{{}, ElementType::float32, weight->dims, bytes_of(w)};
    const Initializer new_bias{{}, ElementType::float32, {static_cast<std::int64_t>(channels)}, bytes_of(b)};
    layer.inputs[1] = replace(layer.inputs[1], new_weight);
    layer.inputs.resize(3);
    layer.inputs[2] = replace(has_bias ? layer.inputs[2] : norm.inputs[2], new_bias);
    layer.outputs[0] = norm.outputs[0];
    return true;
  }

  Graph& graph_;
  std::map<std::string, int> uses_;
  std::map<std::string, std::size_t> initializers_;
};

std::string to_half(const Initializer& i) {
  std::string half;
  for (const float value : floats_of(i)) {
    const std::uint16_t bits = half_from(value);
    if (std::isfinite(value) && (bits & 0x7C00) == 0x7C00)
      throw Error(ErrorKind::failed,
                  text("Export: weight ", i.name, " holds ", value, ", more than half precision can (65504)."),
                  "Export without half precision.");
    half.append(reinterpret_cast<const char*>(&bits), 2);
  }
  return half;
}

}  // namespace

void remove_unused(Graph& graph) {
  std::set<std::string> needed;
  for (const auto& o : graph.outputs) needed.insert(o.name);
  std::vector<Node> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (std::none_of(node->outputs.begin(), node->outputs.end(), [&](const auto& o) { return needed.count(o) > 0; }))
      continue;
    needed.insert(node->inputs.begin(), node->inputs.end());
    kept.push_back(std::move(*node));
  }
  graph.nodes.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
  std::erase_if(graph.initializers, [&](const auto& i) { return !needed.count(i.name); });
}

void fold_batch_norm(Graph& graph) {
  NormFolder(graph).run();
  remove_unused(graph);
}

std::uint16_t half_from(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, 4);
  const std::uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
  if (magnitude >= 0x7F800000) return static_cast<std::uint16_t>(sign | 0x7C00 | (magnitude > 0x7F800000 ? 0x200 : 0));
  if (magnitude >= 0x477FF000) return static_cast<std::uint16_t>(sign | 0x7C00);
  if (magnitude < 0x33000000) return static_cast<std::uint16_t>(sign);
  if (magnitude < 0x38800000) {  // subnormal half: value = mantissa / 2^24
    const std::uint32_t shift = 126 - (magnitude >> 23), mantissa = (magnitude & 0x7FFFFF) | 0x800000;
    const std::uint32_t kept = mantissa >> shift, rest = mantissa & ((1u << shift) - 1), middle = 1u << (shift - 1);
    return static_cast<std::uint16_t>(sign | (kept + (rest > middle || (rest == middle && (kept & 1)))));
  }
  return static_cast<std::uint16_t>(sign | (magnitude - 0x38000000 + 0xFFF + (magnitude >> 13 & 1)) >> 13);
}

void store_in_half_precision(Graph& graph, std::int64_t smallest) {
  std::vector<Node> casts;
  for (auto& i : graph.initializers) {
    if (i.type != ElementType::float32 || num_elements(i.dims) < smallest) continue;
    i.bytes = to_half(i);
    i.type = ElementType::float16;
    casts.push_back({"Cast", {i.name + ".half"}, {i.name}, {{"to", onnx_type(ElementType::float32)}}});
    i.name += ".half";
  }
  graph.nodes.insert(graph.nodes.begin(), std::make_move_iterator(casts.begin()), std::make_move_iterator(casts.end()));
}

}  // namespace mien::onnx
