// SPDX-License-Identifier: Apache-2.0
// Passes over layers with constant weights: convolutions (outputs, inputs per group, kernel...) and Gemm
// (outputs, inputs) with transB.
#include <algorithm>
#include <cmath>
#include <optional>

#include "mien/onnx/graph_editor.h"
#include "mien/onnx/passes.h"

namespace mien::onnx {
namespace {

using Ints = std::vector<std::int64_t>;

/// A Conv or Gemm with constant weights, taken out of the graph.
struct Layer {
  Node node;
  std::string name;  ///< of the weight
  Ints dims;
  std::vector<float> weight, bias;  ///< bias: zeros if the layer has none
  bool has_bias = false;

  std::size_t outputs() const { return static_cast<std::size_t>(dims[0]); }
  std::size_t row() const { return weight.size() / outputs(); }  ///< weights of one output
};

double real(const Node& node, const std::string& name, double otherwise) {
  const auto* value = find_attribute(node, name);
  return value ? std::get<double>(*value) : otherwise;
}

std::int64_t integer(const Node& node, const std::string& name, std::int64_t otherwise) {
  const auto* value = find_attribute(node, name);
  return value ? std::get<std::int64_t>(*value) : otherwise;
}

Ints integers(const Node& node, const std::string& name) {
  const auto* value = find_attribute(node, name);
  return value ? std::get<Ints>(*value) : Ints{};
}

std::optional<Layer> layer_of(const Node* node, const GraphEditor& editor) {
  if (!node || (node->op != "Conv" && node->op != "Gemm")) return std::nullopt;
  if (node->op == "Gemm" && (real(*node, "alpha", 1) != 1 || real(*node, "beta", 1) != 1 ||
                             !integer(*node, "transB", 0) || integer(*node, "transA", 0)))
    return std::nullopt;
  const Initializer* weight = editor.floats(node->inputs.at(1));
  if (!weight || weight->dims.size() < 2 || weight->dims[0] < 1) return std::nullopt;
  Layer layer{*node, weight->name, weight->dims, floats_of(*weight),
              std::vector<float>(static_cast<std::size_t>(weight->dims[0]), 0)};
  layer.has_bias = node->inputs.size() > 2 && !node->inputs[2].empty();
  if (!layer.has_bias) return layer;
  const Initializer* bias = editor.floats(node->inputs[2]);
  if (!bias || bias->bytes.size() != layer.outputs() * sizeof(float)) return std::nullopt;
  layer.bias = floats_of(*bias);
  return layer;
}

/// The layer that computes `value`, if nothing else reads it.
std::optional<Layer> only_source(const std::string& value, const GraphEditor& editor) {
  return editor.uses(value) == 1 ? layer_of(editor.producer(value), editor) : std::nullopt;
}

std::string bias_name(const std::string& weight) {
  constexpr std::string_view kSuffix = ".weight";
  return (weight.ends_with(kSuffix) ? weight.substr(0, weight.size() - kSuffix.size()) : weight) + ".bias";
}

/// Replaces a node by `layer`, which reads `input` and computes the node's result.
void put_layer(GraphEditor& editor, const Graph& graph, std::size_t index, Layer layer, const std::string& input) {
  layer.node.inputs = {input};
  layer.node.outputs = graph.nodes[index].outputs;
  std::vector<NamedConstant> constants{{layer.name, {{}, ElementType::float32, layer.dims, bytes_of(layer.weight)}}};
  if (layer.has_bias)
    constants.push_back({bias_name(layer.name), {{}, ElementType::float32, {layer.dims[0]}, bytes_of(layer.bias)}});
  editor.replace(index, layer.node, constants);
}

// Batch norm

/// False if a parameter is not a constant.
bool fold_norm(Layer& layer, const Node& norm, const GraphEditor& editor) {
  std::vector<float> parts[4];  // γ, β, μ, σ²
  for (std::size_t i = 0; i < 4; ++i) {
    const Initializer* part = editor.floats(norm.inputs[i + 1]);
    if (!part || part->bytes.size() != layer.outputs() * sizeof(float)) return false;
    parts[i] = floats_of(*part);
  }
  const double epsilon = real(norm, "epsilon", 1e-5);
  for (std::size_t c = 0; c < layer.outputs(); ++c) {
    const double scale = parts[0][c] / std::sqrt(parts[3][c] + epsilon);
    layer.bias[c] = static_cast<float>((layer.bias[c] - static_cast<double>(parts[2][c])) * scale + parts[1][c]);
    for (std::size_t i = c * layer.row(); i < (c + 1) * layer.row(); ++i)
      layer.weight[i] = static_cast<float>(layer.weight[i] * scale);
  }
  layer.has_bias = true;
  return true;
}

// Parallel convolutions

/// Leaves of a tree of additions whose inner sums nothing else reads.
void collect_terms(const std::string& value, const GraphEditor& editor, std::vector<std::string>& terms) {
  const Node* node = editor.uses(value) == 1 ? editor.producer(value) : nullptr;
  if (!node || node->op != "Add") {
    terms.push_back(value);
    return;
  }
  for (const auto& input : node->inputs) collect_terms(input, editor, terms);
}

/// Along one dimension: kernel element i is at input offset i - before.
struct Reach {
  std::int64_t before = 0, after = 0;  ///< elements before offset 0, elements from it on
};

struct Kernel {
  Ints sizes, pads, dilations;
  explicit Kernel(const Layer& layer)
      : sizes(layer.dims.begin() + 2, layer.dims.end()),
        pads(integers(layer.node, "pads")),
        dilations(integers(layer.node, "dilations")) {}
  std::size_t rank() const { return sizes.size(); }
  bool is_complete() const { return pads.size() == 2 * rank() && dilations.size() == rank(); }
  Reach reach(std::size_t d) const { return {pads[d], sizes[d] - pads[d]}; }
  /// How much larger the result is than the input, for stride 1.
  std::int64_t growth(std::size_t d) const { return pads[d] + pads[rank() + d] - (sizes[d] - 1); }
};

bool can_merge(const Layer& a, const Layer& b) {
  const Kernel k(a), l(b);
  if (a.node.op != "Conv" || b.node.op != "Conv" || a.node.inputs[0] != b.node.inputs[0] || a.dims[0] != b.dims[0] ||
      a.dims[1] != b.dims[1] || k.rank() != l.rank() || !k.is_complete() || !l.is_complete())
    return false;
  if (integers(a.node, "strides") != integers(b.node, "strides") ||
      integer(a.node, "group", 1) != integer(b.node, "group", 1))
    return false;
  for (std::size_t d = 0; d < k.rank(); ++d)
    if (k.growth(d) != l.growth(d) || (k.sizes[d] > 1 && k.dilations[d] != 1) ||
        (l.sizes[d] > 1 && l.dilations[d] != 1))
      return false;
  return true;
}

/// Adds `from`, whose kernel has the given sizes, into `to` at `offset`; one output and input channel.
void add_kernel(const float* from, const Ints& from_sizes, float* to, const Ints& to_sizes, const Ints& offset) {
  Ints place(from_sizes.size(), 0);
  for (std::int64_t n = 0; n < num_elements(from_sizes); ++n) {
    std::int64_t target = 0;
    for (std::size_t d = 0; d < place.size(); ++d) target = target * to_sizes[d] + place[d] + offset[d];
    to[target] += from[n];
    for (std::size_t d = place.size(); d-- > 0;) {
      if (++place[d] < from_sizes[d]) break;
      place[d] = 0;
    }
  }
}

/// The sum of convolutions that can_merge() accepts.
Layer merged(const std::vector<Layer>& layers) {
  Layer sum = layers[0];
  const Kernel first(sum);
  Ints sizes, pads(2 * first.rank(), 0);
  for (std::size_t d = 0; d < first.rank(); ++d) {
    Reach all = first.reach(d);
    for (const Layer& layer : layers) {
      const Reach reach = Kernel(layer).reach(d);
      all = {std::max(all.before, reach.before), std::max(all.after, reach.after)};
    }
    sizes.push_back(all.before + all.after);
    pads[d] = all.before;
    pads[first.rank() + d] = first.growth(d) - all.before + sizes[d] - 1;
  }
  const std::int64_t channels = sum.dims[0] * sum.dims[1], elements = num_elements(sizes);
  sum.node.multiply_adds = sum.node.multiply_adds / num_elements(first.sizes) * elements;
  std::copy(sizes.begin(), sizes.end(), sum.dims.begin() + 2);
  sum.weight.assign(static_cast<std::size_t>(channels * elements), 0);
  std::fill(sum.bias.begin(), sum.bias.end(), 0.0f);
  for (const Layer& layer : layers) {
    const Kernel kernel(layer);
    Ints offset;
    for (std::size_t d = 0; d < sizes.size(); ++d) offset.push_back(pads[d] - kernel.pads[d]);
    for (std::int64_t c = 0; c < channels; ++c)
      add_kernel(layer.weight.data() + c * num_elements(kernel.sizes), kernel.sizes, sum.weight.data() + c * elements,
                 sizes, offset);
    for (std::size_t c = 0; c < sum.bias.size(); ++c) sum.bias[c] += layer.bias[c];
    sum.has_bias = sum.has_bias || layer.has_bias;
  }
  set_attribute(sum.node, "kernel_shape", sizes);
  set_attribute(sum.node, "pads", pads);
  set_attribute(sum.node, "dilations", Ints(sizes.size(), 1));
  return sum;
}

/// The convolutions that an addition sums, merged; nothing if that is not possible or has no advantage.
std::optional<Layer> merged_terms(const Node& addition, const GraphEditor& editor) {
  std::vector<std::string> terms;
  for (const auto& input : addition.inputs) collect_terms(input, editor, terms);
  std::vector<Layer> layers;
  std::size_t elements = 0;
  for (const auto& term : terms) {
    auto layer = only_source(term, editor);
    if (!layer || layer->node.op != "Conv" || (!layers.empty() && !can_merge(layers[0], *layer))) return std::nullopt;
    elements += layer->weight.size();
    layers.push_back(std::move(*layer));
  }
  if (!can_merge(layers[0], layers[0])) return std::nullopt;  // an unsupported form
  // The largest first: it gives the merged one its name.
  std::stable_sort(layers.begin(), layers.end(),
                   [](const auto& a, const auto& b) { return a.weight.size() > b.weight.size(); });
  Layer sum = merged(layers);
  return sum.weight.size() <= elements ? std::optional(sum) : std::nullopt;
}

// Linear chains

bool is_pointwise(const Layer& layer) {
  const Kernel kernel(layer);
  const auto all_are = [](const Ints& values, std::int64_t value) {
    return std::all_of(values.begin(), values.end(), [=](auto v) { return v == value; });
  };
  return num_elements(kernel.sizes) == 1 && all_are(kernel.pads, 0) && all_are(integers(layer.node, "strides"), 1) &&
         integer(layer.node, "group", 1) == 1;
}

/// second ∘ first; nothing if the product is larger than its factors.
std::optional<Layer> chained(const Layer& first, const Layer& second) {
  if (first.node.op != second.node.op || second.row() != first.outputs()) return std::nullopt;
  if (second.node.op == "Conv" && (!is_pointwise(second) || integer(first.node, "group", 1) != 1)) return std::nullopt;
  Layer out = first;
  const std::size_t middle = first.outputs(), columns = first.row();
  if (second.outputs() * columns > first.weight.size() + second.weight.size()) return std::nullopt;
  out.name = second.name;
  out.dims[0] = second.dims[0];
  out.weight.assign(second.outputs() * columns, 0);
  out.bias.assign(second.outputs(), 0);
  out.has_bias = first.has_bias || second.has_bias;
  out.node.multiply_adds =
      first.node.multiply_adds / static_cast<std::int64_t>(middle) * static_cast<std::int64_t>(second.outputs());
  std::vector<double> row(columns);
  for (std::size_t o = 0; o < second.outputs(); ++o) {
    std::fill(row.begin(), row.end(), 0.0);
    double bias = second.bias[o];
    for (std::size_t m = 0; m < middle; ++m) {
      const double factor = second.weight[o * middle + m];
      bias += factor * first.bias[m];
      for (std::size_t c = 0; c < columns; ++c) row[c] += factor * first.weight[m * columns + c];
    }
    std::copy(row.begin(), row.end(), out.weight.begin() + static_cast<std::ptrdiff_t>(o * columns));
    out.bias[o] = static_cast<float>(bias);
  }
  return out;
}

}  // namespace

void transpose_linear_weights(Graph& graph) {
  GraphEditor editor(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node node = graph.nodes[i];
    const Initializer* weight = node.op == "Gemm" ? editor.floats(node.inputs.at(1)) : nullptr;
    if (!weight || weight->dims.size() != 2 || integer(node, "transB", 0)) continue;
    const std::int64_t rows = weight->dims[0], columns = weight->dims[1];
    const std::vector<float> values = floats_of(*weight);
    std::vector<float> turned;
    for (std::int64_t c = 0; c < columns; ++c)
      for (std::int64_t r = 0; r < rows; ++r) turned.push_back(values[static_cast<std::size_t>(r * columns + c)]);
    std::string name = weight->name;
    if (name.ends_with(".t")) name.resize(name.size() - 2);  // the recorder's mark of a transposed weight
    const bool has_bias = node.inputs.size() > 2 && !node.inputs[2].empty();
    const Initializer* bias = has_bias ? editor.floats(node.inputs[2]) : nullptr;
    if (has_bias && !bias) continue;
    std::vector<NamedConstant> constants{{name, {{}, ElementType::float32, {columns, rows}, bytes_of(turned)}}};
    if (bias) constants.push_back({bias->name, *bias});
    node.inputs.resize(1);
    set_attribute(node, "transB", std::int64_t{1});
    editor.replace(i, node, constants);
  }
  editor.finish();
}

void fold_batch_norm(Graph& graph) {
  GraphEditor editor(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node norm = graph.nodes[i];
    if (norm.op != "BatchNormalization") continue;
    auto layer = only_source(norm.inputs[0], editor);
    if (layer && fold_norm(*layer, norm, editor)) put_layer(editor, graph, i, *layer, layer->node.inputs[0]);
  }
  editor.finish();
}

void merge_parallel_convolutions(Graph& graph) {
  GraphEditor editor(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op != "Add") continue;
    const auto layer = merged_terms(graph.nodes[i], editor);
    if (layer) put_layer(editor, graph, i, *layer, layer->node.inputs[0]);
  }
  editor.finish();
}

void merge_linear_chains(Graph& graph) {
  GraphEditor editor(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto second = layer_of(&graph.nodes[i], editor);
    const auto first = second ? only_source(second->node.inputs[0], editor) : std::nullopt;
    const auto product = first ? chained(*first, *second) : std::nullopt;
    if (product) put_layer(editor, graph, i, *product, first->node.inputs[0]);
  }
  editor.finish();
}

}  // namespace mien::onnx
