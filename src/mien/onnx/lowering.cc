// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/lowering.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::onnx {
namespace {

template <typename T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace

Lowering::Lowering(const Recording& recording) : recording_(recording), names_(recording.tensors.size()) {
  for (const auto& [name, id] : recording.outputs) taken_.insert(name);
  names_[recording.input] = unique("input");
  graph_.inputs.push_back({names_[recording.input], recording.tensors[recording.input].shape});
}

void Lowering::refuse(const std::string& why) const {
  throw Error(ErrorKind::failed, fmt::format("Export: {} {}.", op_->name, why),
              "Extend the operator table in src/mien/onnx/operators.cc.");
}

std::string Lowering::unique(std::string name) {
  const std::string base = name;
  for (int i = 2; !taken_.insert(name).second; ++i) name = base + "_" + std::to_string(i);
  return name;
}

std::string Lowering::name_of(TensorId id) {
  if (!names_[id].empty()) return names_[id];
  const auto& t = recording_.tensors[id];
  if (!t.is_constant) refuse("uses a tensor that no recorded operator created");
  names_[id] = unique(t.name.empty() ? "constant" : t.name);
  graph_.initializers.push_back({names_[id], t.type, t.shape, t.bytes});
  return names_[id];
}

// Arguments

bool Lowering::is_none(std::size_t i) const {
  return i >= op_->arguments.size() || std::holds_alternative<std::monostate>(op_->arguments[i]);
}
bool Lowering::is_tensor(std::size_t i) const {
  return !is_none(i) && std::holds_alternative<TensorRef>(op_->arguments[i]);
}
bool Lowering::is_list(std::size_t i) const {
  return !is_none(i) && std::holds_alternative<std::vector<TensorRef>>(op_->arguments[i]);
}

TensorId Lowering::tensor(std::size_t i) const {
  if (!is_tensor(i)) refuse(fmt::format("has no tensor as argument {}", i));
  return std::get<TensorRef>(op_->arguments[i]).id;
}

std::string Lowering::in(std::size_t i) { return name_of(tensor(i)); }
std::string Lowering::operand(std::size_t i) { return operand(i, out_type()); }
std::string Lowering::operand(std::size_t i, ElementType to) {
  return is_tensor(i) ? cast(in(i), type(i), to) : scalar(real(i, 0), to);
}

std::vector<std::string> Lowering::in_list(std::size_t i) {
  if (!is_list(i)) refuse(fmt::format("has no list of tensors as argument {}", i));
  std::vector<std::string> values;
  for (const auto& t : std::get<std::vector<TensorRef>>(op_->arguments[i])) {
    if (t.id == kNoTensor) refuse(fmt::format("has None in the list of argument {}", i));
    values.push_back(cast(name_of(t.id), recording_.tensors[t.id].type, out_type()));
  }
  return values;
}

std::int64_t Lowering::integer(std::size_t i, std::int64_t otherwise) const {
  if (is_none(i)) return otherwise;
  if (const auto* v = std::get_if<std::int64_t>(&op_->arguments[i])) return *v;
  if (const auto* v = std::get_if<bool>(&op_->arguments[i])) return *v;
  refuse(fmt::format("has no integer as argument {}", i));
}

double Lowering::real(std::size_t i, double otherwise) const {
  if (is_none(i)) return otherwise;
  if (const auto* v = std::get_if<double>(&op_->arguments[i])) return *v;
  const std::int64_t value = integer(i, 0);
  if (is_batch(value)) refuse("computes with the batch size");
  return static_cast<double>(value);
}

bool Lowering::flag(std::size_t i, bool otherwise) const { return is_none(i) ? otherwise : integer(i, 0) != 0; }

std::string Lowering::word(std::size_t i, const std::string& otherwise) const {
  if (is_none(i)) return otherwise;
  const auto* v = std::get_if<std::string>(&op_->arguments[i]);
  return v ? *v : otherwise;
}

Ints Lowering::integers(std::size_t i) const {
  if (is_none(i)) return {};
  if (const auto* v = std::get_if<Ints>(&op_->arguments[i])) return *v;
  return {integer(i, 0)};
}

Ints Lowering::spatial(std::size_t i, std::size_t count, std::int64_t otherwise) const {
  Ints values = integers(i);
  if (values.empty()) values = {otherwise};
  if (values.size() == 1) values.resize(count, values[0]);
  return values;
}

std::pair<std::int64_t, TensorRef> Lowering::only_tensor(std::size_t i) const {
  if (!is_list(i)) refuse(fmt::format("has no list of tensors as argument {}", i));
  std::pair<std::int64_t, TensorRef> found{-1, {kNoTensor}};
  const auto& list = std::get<std::vector<TensorRef>>(op_->arguments[i]);
  for (std::size_t k = 0; k < list.size(); ++k) {
    if (list[k].id == kNoTensor) continue;
    if (found.first >= 0) refuse(fmt::format("has more than one tensor in the list of argument {}", i));
    found = {static_cast<std::int64_t>(k), list[k]};
  }
  if (found.first < 0) refuse(fmt::format("has no tensor in the list of argument {}", i));
  return found;
}

const Ints& Lowering::shape(std::size_t i) const { return recording_.tensors[tensor(i)].shape; }
ElementType Lowering::type(std::size_t i) const { return recording_.tensors[tensor(i)].type; }

std::int64_t Lowering::axis(std::size_t i, std::int64_t otherwise, std::int64_t extra) const {
  const std::int64_t value = integer(i, otherwise);
  return value >= 0 ? value : value + static_cast<std::int64_t>(rank()) + extra;
}

Ints Lowering::axes(std::size_t i) const {
  Ints values = integers(i);
  const auto all = static_cast<std::int64_t>(rank());
  if (values.empty())
    for (std::int64_t d = 0; d < all; ++d) values.push_back(d);
  for (auto& d : values) d += d < 0 ? all : 0;
  return values;
}

// Results

std::string Lowering::out(std::size_t k) const {
  const TensorId id = op_->outputs.at(k);
  return fmt::format("{}_{}", op_->name.substr(op_->name.rfind(':') + 1), id);
}
const Ints& Lowering::out_shape(std::size_t k) const { return recording_.tensors[op_->outputs.at(k)].shape; }
ElementType Lowering::out_type() const { return recording_.tensors[op_->outputs.at(0)].type; }

// Output

void Lowering::node(const std::string& onnx_op, std::vector<std::string> inputs, Attributes attributes, std::size_t k) {
  const std::string name = names_[op_->outputs.at(k)] = unique(out(k));
  graph_.nodes.push_back({onnx_op, std::move(inputs), {name}, std::move(attributes)});
}

void Lowering::node_for_all_outputs(const std::string& onnx_op, std::vector<std::string> inputs,
                                    Attributes attributes) {
  Node n{onnx_op, std::move(inputs), {}, std::move(attributes)};
  for (std::size_t k = 0; k < num_out(); ++k) n.outputs.push_back(names_[op_->outputs[k]] = unique(out(k)));
  graph_.nodes.push_back(std::move(n));
}

std::string Lowering::inner(const std::string& onnx_op, std::vector<std::string> inputs, Attributes attributes) {
  const std::string name = unique(out() + "_" + mien::lower(onnx_op));
  graph_.nodes.push_back({onnx_op, std::move(inputs), {name}, std::move(attributes)});
  return name;
}

void Lowering::own_node(const std::string& own_op, std::vector<std::string> inputs, Attributes attributes) {
  node(own_op, std::move(inputs), std::move(attributes));
  graph_.nodes.back().domain = kOwnDomain;
}

void Lowering::end() {
  if (!graph_.nodes.empty()) graph_.nodes.back().multiply_adds += multiply_adds(recording_, *op_);
}

void Lowering::alias(std::size_t k) { names_[op_->outputs.at(k)] = in(0); }

std::string Lowering::initializer(ElementType type, const Ints& dims, std::string bytes) {
  std::string key = fmt::format("{}:", static_cast<int>(type));
  for (auto d : dims) key += std::to_string(d) + ",";
  std::string& name = initializers_[key + ":" + bytes];
  if (name.empty()) {
    name = unique("constant");
    graph_.initializers.push_back({name, type, dims, std::move(bytes)});
  }
  return name;
}

std::string Lowering::scalar(double value, ElementType type) {
  switch (type) {
    case ElementType::float32:
      return initializer(type, {}, raw<float>({static_cast<float>(value)}));
    case ElementType::float64:
      return initializer(type, {}, raw<double>({value}));
    case ElementType::int32:
      return initializer(type, {}, raw<std::int32_t>({static_cast<std::int32_t>(value)}));
    case ElementType::int64:
      return initializer(type, {}, raw<std::int64_t>({static_cast<std::int64_t>(value)}));
    case ElementType::boolean:
      return initializer(type, {}, std::string(1, value != 0));
    case ElementType::float16:
      break;
  }
  refuse("computes in half precision");
}

std::string Lowering::constant(const Ints& values) {
  return initializer(ElementType::int64, {static_cast<std::int64_t>(values.size())}, raw(values));
}

std::string Lowering::constant(const std::vector<float>& values, const Ints& dims) {
  return initializer(ElementType::float32, dims, raw(values));
}

std::string Lowering::cast(const std::string& value, ElementType from, ElementType to) {
  return from == to ? value : inner("Cast", {value}, {{"to", onnx_type(to)}});
}

std::string Lowering::times(const std::string& value, double factor) {
  return factor == 1 ? value : inner("Mul", {value, scalar(factor, out_type())});
}

std::string Lowering::shape_tensor(const Ints& dims) {
  if (std::none_of(dims.begin(), dims.end(), is_batch)) return constant(dims);
  if (batch_.empty()) {
    const std::string input = inner("Shape", {graph_.inputs[0].name});
    batch_ = inner("Slice", {input, constant(Ints{0}), constant(Ints{1})});
  }
  std::vector<std::string> parts;
  for (auto d : dims) {
    if (!is_batch(d))
      parts.push_back(constant(Ints{d}));
    else
      parts.push_back(d == kBatch ? batch_ : inner("Mul", {batch_, constant(Ints{batch_factor(d)})}));
  }
  return parts.size() == 1 ? parts[0] : inner("Concat", parts, {{"axis", std::int64_t{0}}});
}

Graph Lowering::finish() {
  std::map<std::string, std::string> public_names;
  for (const auto& [name, id] : recording_.outputs) {
    std::string value = names_[id];
    if (value.empty())
      throw Error(ErrorKind::failed, fmt::format("Export: output {} does not depend on the input.", name));
    graph_.outputs.push_back({name, recording_.tensors[id].shape, recording_.tensors[id].type});
    // The last node takes the output's name; an Identity if that value is the input or already another output.
    if (value == graph_.inputs[0].name || !public_names.emplace(value, name).second)
      graph_.nodes.push_back({"Identity", {value}, {name}, {}});
  }
  auto rename = [&](std::string& value) {
    if (const auto found = public_names.find(value); found != public_names.end()) value = found->second;
  };
  for (auto& node : graph_.nodes) {
    for (auto& input : node.inputs) rename(input);
    for (auto& output : node.outputs) rename(output);
  }
  return std::move(graph_);
}

}  // namespace mien::onnx
