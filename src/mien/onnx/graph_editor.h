// SPDX-License-Identifier: Apache-2.0
// Lets a pass inspect a graph and replace nodes, and keeps track of the readers of each value.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mien/onnx/graph.h"

namespace mien::onnx {

/// A value with the name that it should get.
using NamedConstant = std::pair<std::string, Initializer>;

class GraphEditor {
 public:
  explicit GraphEditor(Graph& graph);

  /// How many nodes and outputs read a value.
  int uses(const std::string& value) const;
  /// The node that computes a value; null for inputs, initializers and removed nodes. Valid while the editor lives.
  const Node* producer(const std::string& value) const;
  /// An initializer; null if the value is not an initializer.
  const Initializer* constant(const std::string& value) const;
  /// The same, null also if it is not float32.
  const Initializer* floats(const std::string& value) const;

  /// Replaces graph.nodes[index] by `with`. Its inputs are those given, then `constants` as new initializers.
  /// Values without readers are removed. A constant replaces a removed initializer of the same name.
  void replace(std::size_t index, Node with, const std::vector<NamedConstant>& constants = {});
  /// Removes graph.nodes[index]; its only output becomes an initializer.
  void make_constant(std::size_t index, Initializer value);
  /// Erases removed nodes and unused initializers. The editor must not be used afterwards.
  void finish();

 private:
  void release(const std::string& value);
  std::string put(const std::string& name, Initializer value);

  Graph& graph_;
  std::map<std::string, int> uses_;
  std::map<std::string, std::size_t> producers_, initializers_;
};

/// The values of a float32 initializer, and back.
std::vector<float> floats_of(const Initializer& initializer);
std::string bytes_of(const std::vector<float>& values);

/// An attribute, or null.
const AttributeValue* find_attribute(const Node& node, const std::string& name);
void set_attribute(Node& node, const std::string& name, AttributeValue value);

}  // namespace mien::onnx
