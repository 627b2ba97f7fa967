// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/graph_editor.h"

#include <algorithm>
#include <cstring>

#include "mien/onnx/passes.h"

namespace mien::onnx {

GraphEditor::GraphEditor(Graph& graph) : graph_(graph) {
  for (const auto& output : graph.outputs) ++uses_[output.name];
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const auto& input : graph.nodes[i].inputs) ++uses_[input];
    for (const auto& output : graph.nodes[i].outputs) producers_[output] = i;
  }
  for (std::size_t i = 0; i < graph.initializers.size(); ++i) initializers_[graph.initializers[i].name] = i;
}

int GraphEditor::uses(const std::string& value) const {
  const auto found = uses_.find(value);
  return found == uses_.end() ? 0 : found->second;
}

const Node* GraphEditor::producer(const std::string& value) const {
  const auto found = producers_.find(value);
  return found == producers_.end() ? nullptr : &graph_.nodes[found->second];
}

const Initializer* GraphEditor::constant(const std::string& value) const {
  const auto found = initializers_.find(value);
  return found == initializers_.end() ? nullptr : &graph_.initializers[found->second];
}

const Initializer* GraphEditor::floats(const std::string& value) const {
  const Initializer* found = constant(value);
  return found && found->type == ElementType::float32 ? found : nullptr;
}

/// Removes one reader; a node whose outputs have no reader left is removed and releases its inputs.
void GraphEditor::release(const std::string& value) {
  if (--uses_[value] > 0) return;
  const auto made = producers_.find(value);
  if (made == producers_.end()) return;
  Node& node = graph_.nodes[made->second];
  if (std::any_of(node.outputs.begin(), node.outputs.end(), [&](const auto& o) { return uses(o) > 0; })) return;
  for (const auto& output : node.outputs) producers_.erase(output);
  const Node gone = std::exchange(node, {});
  for (const auto& input : gone.inputs) release(input);
}

std::string GraphEditor::put(const std::string& name, Initializer value) {
  value.name = name;
  while (initializers_.count(value.name) && uses(value.name) > 0) value.name += ".folded";
  const auto place = initializers_.emplace(value.name, graph_.initializers.size());
  if (place.second) graph_.initializers.emplace_back();
  graph_.initializers[place.first->second] = value;
  ++uses_[value.name];
  return value.name;
}

void GraphEditor::replace(std::size_t index, Node with, const std::vector<NamedConstant>& constants) {
  for (const auto& input : with.inputs) ++uses_[input];
  const std::vector<std::string> before = graph_.nodes[index].inputs;
  for (const auto& input : before) release(input);
  for (const auto& [name, value] : constants) with.inputs.push_back(put(name, value));
  for (const auto& output : with.outputs) producers_[output] = index;
  graph_.nodes[index] = std::move(with);
}

void GraphEditor::make_constant(std::size_t index, Initializer value) {
  const Node gone = std::exchange(graph_.nodes[index], {});
  producers_.erase(gone.outputs.at(0));
  value.name = gone.outputs[0];
  initializers_[value.name] = graph_.initializers.size();
  graph_.initializers.push_back(std::move(value));
  for (const auto& input : gone.inputs) release(input);
}

void GraphEditor::finish() {
  std::erase_if(graph_.nodes, [](const Node& node) { return node.op.empty(); });
  remove_unused(graph_);
}

std::vector<float> floats_of(const Initializer& initializer) {
  std::vector<float> values(initializer.bytes.size() / sizeof(float));
  std::memcpy(values.data(), initializer.bytes.data(), values.size() * sizeof(float));
  return values;
}

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

const AttributeValue* find_attribute(const Node& node, const std::string& name) {
  for (const auto& [key, value] : node.attributes)
    if (key == name) return &value;
  return nullptr;
}

void set_attribute(Node& node, const std::string& name, AttributeValue value) {
  for (auto& [key, old] : node.attributes)
    if (key == name) {
      old = std::move(value);
      return;
    }
  node.attributes.emplace_back(name, std::move(value));
}

}  // namespace mien::onnx
