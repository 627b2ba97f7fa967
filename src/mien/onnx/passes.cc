// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/passes.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "mien/onnx/graph_editor.h"

namespace mien::onnx {
namespace {

using Ints = std::vector<std::int64_t>;

std::size_t element_size(ElementType type) {
  switch (type) {
    case ElementType::float64:
    case ElementType::int64:
      return 8;
    case ElementType::float32:
    case ElementType::int32:
      return 4;
    case ElementType::float16:
      return 2;
    case ElementType::boolean:
      return 1;
  }
  return 0;
}

Ints integers_of(const Initializer& i) {
  Ints values(i.bytes.size() / sizeof(std::int64_t));
  std::memcpy(values.data(), i.bytes.data(), i.bytes.size());
  return values;
}

/// Dimension d of the result is dimension order[d] of `from`.
Initializer transposed(const Initializer& from, const Ints& order) {
  const std::size_t rank = from.dims.size(), size = element_size(from.type);
  Ints strides(rank, 1);  // of `from`, in elements
  for (std::size_t d = rank; d-- > 1;) strides[d - 1] = strides[d] * from.dims[d];
  Initializer to{{}, from.type, {}, {}};
  for (const auto d : order) to.dims.push_back(from.dims[static_cast<std::size_t>(d)]);
  Ints place(rank, 0);
  for (std::int64_t n = num_elements(to.dims); n > 0; --n) {
    std::int64_t source = 0;
    for (std::size_t d = 0; d < rank; ++d) source += place[d] * strides[static_cast<std::size_t>(order[d])];
    to.bytes.append(from.bytes, static_cast<std::size_t>(source) * size, size);
    for (std::size_t d = rank; d-- > 0;) {
      if (++place[d] < to.dims[d]) break;
      place[d] = 0;
    }
  }
  return to;
}

/// The same bytes in other dimensions; `target` may hold one -1, and 0 for a size that stays.
Initializer reshaped(Initializer value, Ints target) {
  std::int64_t known = 1;
  for (std::size_t d = 0; d < target.size(); ++d) {
    if (target[d] == 0) target[d] = value.dims.at(d);
    if (target[d] > 0) known *= target[d];
  }
  std::replace(target.begin(), target.end(), std::int64_t{-1},
               num_elements(value.dims) / std::max<std::int64_t>(known, 1));
  value.dims = target;
  return value;
}

Ints unsqueezed(const Ints& dims, const Ints& axes) {
  const auto rank = static_cast<std::int64_t>(dims.size() + axes.size());
  std::set<std::int64_t> added;
  for (const auto a : axes) added.insert(a < 0 ? a + rank : a);
  Ints out;
  auto next = dims.begin();
  for (std::int64_t d = 0; d < rank; ++d) out.push_back(added.count(d) ? 1 : *next++);
  return out;
}

Ints squeezed(const Ints& dims, const Ints& axes) {
  std::set<std::int64_t> gone;
  for (const auto a : axes) gone.insert(a < 0 ? a + static_cast<std::int64_t>(dims.size()) : a);
  Ints out;
  for (std::size_t d = 0; d < dims.size(); ++d)
    if (!gone.count(static_cast<std::int64_t>(d))) out.push_back(dims[d]);
  return out;
}

/// Whole numbers and truth values → float32; other conversions stay in the graph.
std::optional<Initializer> converted(const Initializer& value, std::int64_t to) {
  if (to == onnx_type(value.type)) return value;
  if (to != onnx_type(ElementType::float32)) return std::nullopt;
  std::vector<float> out;
  if (value.type == ElementType::int64) {
    for (const auto v : integers_of(value)) out.push_back(static_cast<float>(v));
  } else if (value.type == ElementType::boolean) {
    for (const char c : value.bytes) out.push_back(c ? 1.0f : 0.0f);
  } else {
    return std::nullopt;
  }
  return Initializer{{}, ElementType::float32, value.dims, bytes_of(out)};
}

std::optional<Initializer> computed(const Node& node, const GraphEditor& editor) {
  if (node.outputs.size() != 1 || node.inputs.empty()) return std::nullopt;
  const Initializer* value = editor.constant(node.inputs[0]);
  const Initializer* second = node.inputs.size() > 1 ? editor.constant(node.inputs[1]) : nullptr;
  if (!value || (node.inputs.size() > 1 && !second)) return std::nullopt;
  if (node.op == "Identity") return *value;
  if (node.op == "Transpose") return transposed(*value, std::get<Ints>(*find_attribute(node, "perm")));
  if (node.op == "Cast") return converted(*value, std::get<std::int64_t>(*find_attribute(node, "to")));
  if (!second) return std::nullopt;
  if (node.op == "Reshape") return reshaped(*value, integers_of(*second));
  if (node.op == "Unsqueeze") return reshaped(*value, unsqueezed(value->dims, integers_of(*second)));
  if (node.op == "Squeeze") return reshaped(*value, squeezed(value->dims, integers_of(*second)));
  return std::nullopt;
}

std::set<std::string> output_names(const Graph& graph) {
  std::set<std::string> names;
  for (const auto& output : graph.outputs) names.insert(output.name);
  return names;
}

using Renamed = std::map<std::string, std::string>;

void rename_inputs(Node& node, const Renamed& renamed) {
  for (auto& input : node.inputs)
    if (const auto found = renamed.find(input); found != renamed.end()) input = found->second;
}

void share_initializers(Graph& graph, Renamed& renamed) {
  std::map<std::tuple<ElementType, Ints, std::string>, std::string> first;
  for (const auto& i : graph.initializers) {
    const auto [place, is_new] = first.emplace(std::tuple{i.type, i.dims, i.bytes}, i.name);
    if (!is_new) renamed.emplace(i.name, place->second);
  }
}

bool same_call(const Node& a, const Node& b) {
  return a.op == b.op && a.domain == b.domain && a.inputs == b.inputs && a.attributes == b.attributes &&
         a.outputs.size() == b.outputs.size();
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

void fold_constants(Graph& graph) {
  const std::set<std::string> kept = output_names(graph);
  GraphEditor editor(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].outputs.empty() || kept.count(graph.nodes[i].outputs[0])) continue;
    if (auto value = computed(graph.nodes[i], editor)) editor.make_constant(i, std::move(*value));
  }
  editor.finish();
}

void share_equal_parts(Graph& graph) {
  const std::set<std::string> kept = output_names(graph);
  Renamed renamed;
  share_initializers(graph, renamed);
  std::multimap<std::string, const Node*> seen;  // by first input, which equal nodes share
  for (auto& node : graph.nodes) {
    rename_inputs(node, renamed);
    if (node.inputs.empty()) continue;
    const auto [begin, end] = seen.equal_range(node.inputs[0]);
    const auto equal = std::find_if(begin, end, [&](const auto& entry) { return same_call(*entry.second, node); });
    const bool is_output =
        std::any_of(node.outputs.begin(), node.outputs.end(), [&](const auto& o) { return kept.count(o) > 0; });
    if (equal == end || is_output) {
      seen.emplace(node.inputs[0], &node);
      continue;
    }
    for (std::size_t k = 0; k < node.outputs.size(); ++k) renamed[node.outputs[k]] = equal->second->outputs[k];
  }
  remove_unused(graph);
}

void simplify(Graph& graph) {
  fold_constants(graph);
  transpose_linear_weights(graph);
  fold_batch_norm(graph);
  merge_parallel_convolutions(graph);
  merge_linear_chains(graph);
  share_equal_parts(graph);
}

}  // namespace mien::onnx
