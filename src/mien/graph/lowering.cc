// SPDX-License-Identifier: Apache-2.0
#include "mien/graph/lowering.h"

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::graph {

Lowering::Lowering(const Recording& recording) : recording_(recording), names_(recording.tensors.size()) {
  names_[recording.input] = "input";
  graph_.inputs.push_back({"input", recording.tensors[recording.input].shape});
}

void Lowering::refuse(const std::string& why) const {
  throw Error(ErrorKind::failed, text("Export: ", op_->name, " ", why, "."), "Extend the operator table in src/mien/graph/operators.cc.");
}

std::string Lowering::name_of(TensorId id) {
  if (!names_[id].empty()) return names_[id];
  const auto& tensor = recording_.tensors[id];
  if (!tensor.is_constant) throw Error(ErrorKind::failed, text("Export: ", op_->name, " uses a tensor that no recorded operator made."));
  names_[id] = tensor.name.empty() ? "constant_" + std::to_string(counter_++) : tensor.name;
  graph_.initializers.push_back({names_[id], tensor.type, tensor.shape, tensor.bytes});
  return names_[id];
}

std::string Lowering::in(std::size_t i) {
  const Argument& a = op_->arguments.at(i);
  if (const auto* t = std::get_if<TensorRef>(&a)) return name_of(t->id);
  if (std::holds_alternative<double>(a) || std::holds_alternative<std::int64_t>(a)) return constant(static_cast<float>(real(i, 0)));
  refuse(text("has no tensor as argument ", i));
}

std::vector<std::string> Lowering::in_list(std::size_t i) {
  const auto* list = std::get_if<std::vector<TensorRef>>(&op_->arguments.at(i));
  if (!list) refuse(text("has no tensor list as argument ", i));
  std::vector<std::string> out;
  for (const auto& t : *list) out.push_back(name_of(t.id));
  return out;
}

bool Lowering::is_none(std::size_t i) const { return i >= op_->arguments.size() || std::holds_alternative<std::monostate>(op_->arguments[i]); }

std::int64_t Lowering::integer(std::size_t i, std::int64_t otherwise) const {
  if (is_none(i)) return otherwise;
  if (const auto* v = std::get_if<std::int64_t>(&op_->arguments[i])) return *v;
  if (const auto* v = std::get_if<bool>(&op_->arguments[i])) return *v;
  refuse(text("has no integer as argument ", i));
}

double Lowering::real(std::size_t i, double otherwise) const {
  if (is_none(i)) return otherwise;
  if (const auto* v = std::get_if<double>(&op_->arguments[i])) return *v;
  return static_cast<double>(integer(i, 0));
}

bool Lowering::flag(std::size_t i, bool otherwise) const { return is_none(i) ? otherwise : integer(i, 0) != 0; }

std::vector<std::int64_t> Lowering::integers(std::size_t i) const {
  if (is_none(i)) return {};
  if (const auto* v = std::get_if<std::vector<std::int64_t>>(&op_->arguments[i])) return *v;
  return {integer(i, 0)};
}

const std::vector<std::int64_t>& Lowering::shape(std::size_t i) const {
  const auto* t = std::get_if<TensorRef>(&op_->arguments.at(i));
  if (!t) refuse(text("has no tensor as argument ", i));
  return recording_.tensors[t->id].shape;
}

const std::vector<std::int64_t>& Lowering::out_shape() const { return recording_.tensors[op_->outputs.at(0)].shape; }

std::int64_t Lowering::axis(std::size_t i, std::int64_t otherwise, std::int64_t extra) const {
  const std::int64_t value = integer(i, otherwise);
  return value >= 0 ? value : value + static_cast<std::int64_t>(shape(0).size()) + extra;
}

std::vector<std::int64_t> Lowering::pair(std::size_t i, std::int64_t otherwise) const {
  auto values = integers(i);
  if (values.empty()) values = {otherwise};
  if (values.size() == 1) values.push_back(values[0]);
  return values;
}

std::string Lowering::out() const { return "t" + std::to_string(op_->outputs.at(0)); }

void Lowering::node(const std::string& onnx_op, std::vector<std::string> inputs, std::vector<std::pair<std::string, AttributeValue>> attributes) {
  names_[op_->outputs.at(0)] = out();
  graph_.nodes.push_back({onnx_op, std::move(inputs), {out()}, std::move(attributes)});
}

std::string Lowering::inner(const std::string& onnx_op, std::vector<std::string> inputs, std::vector<std::pair<std::string, AttributeValue>> attributes) {
  const std::string name = out() + "_" + std::to_string(counter_++);
  graph_.nodes.push_back({onnx_op, std::move(inputs), {name}, std::move(attributes)});
  return name;
}

void Lowering::alias() { names_[op_->outputs.at(0)] = in(0); }

std::string Lowering::constant(float value) {
  const std::string name = "scalar_" + std::to_string(counter_++);
  graph_.initializers.push_back({name, ElementType::float32, {}, std::string(reinterpret_cast<const char*>(&value), 4)});
  return name;
}

std::string Lowering::constant(const std::vector<std::int64_t>& values) {
  const std::string name = "numbers_" + std::to_string(counter_++);
  graph_.initializers.push_back({name, ElementType::int64, {static_cast<std::int64_t>(values.size())},
                                 std::string(reinterpret_cast<const char*>(values.data()), values.size() * 8)});
  return name;
}

Graph Lowering::finish() {
  for (const auto& [name, id] : recording_.outputs) {
    // An Identity gives each output its public name, also where one tensor is two outputs.
    graph_.nodes.push_back({"Identity", {names_.at(id)}, {name}, {}});
    graph_.outputs.push_back({name, recording_.tensors[id].shape});
  }
  remove_unused(graph_);
  return std::move(graph_);
}

}  // namespace mien::graph
