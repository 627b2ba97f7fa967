// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/onnx_writer.h"

#include <algorithm>

#include "mien/base/hash.h"
#include "mien/base/version.h"
#include "mien/onnx/model_file.h"
#include "mien/onnx/wire.h"

namespace mien::onnx {
namespace {

// Field numbers are those of onnx.proto.

WireWriter attribute(const std::string& name, const AttributeValue& value) {
  WireWriter a;
  a.bytes(1, name);
  if (const auto* f = std::get_if<double>(&value)) {
    a.real(2, static_cast<float>(*f));
    a.integer(20, 1);
  } else if (const auto* i = std::get_if<std::int64_t>(&value)) {
    a.integer(3, *i);
    a.integer(20, 2);
  } else if (const auto* s = std::get_if<std::string>(&value)) {
    a.bytes(4, *s);
    a.integer(20, 3);
  } else {
    for (auto v : std::get<std::vector<std::int64_t>>(value)) a.integer(8, v);
    a.integer(20, 7);
  }
  return a;
}

WireWriter node(const Node& n, std::size_t number) {
  WireWriter w;
  for (const auto& input : n.inputs) w.bytes(1, input);
  for (const auto& output : n.outputs) w.bytes(2, output);
  w.bytes(3, n.op + "_" + std::to_string(number));
  w.bytes(4, n.op);
  for (const auto& [name, value] : n.attributes) w.message(5, attribute(name, value));
  if (!n.domain.empty()) w.bytes(7, n.domain);
  return w;
}

WireWriter tensor(const Initializer& i) {
  WireWriter w;
  for (auto d : i.dims) w.integer(1, d);
  w.integer(2, onnx_type(i.type));
  w.bytes(8, i.name);
  w.bytes(9, i.bytes);
  return w;
}

WireWriter value_info(const ValueInfo& v) {
  WireWriter shape;
  for (auto d : v.dims) {
    WireWriter dimension;
    if (!is_batch(d)) {
      dimension.integer(1, d);
    } else {
      dimension.bytes(2, d == kBatch ? "batch" : std::to_string(batch_factor(d)) + "*batch");
    }
    shape.message(1, dimension);
  }
  WireWriter tensor_type, type, w;
  tensor_type.integer(1, onnx_type(v.type));
  tensor_type.message(2, shape);
  type.message(1, tensor_type);
  w.bytes(1, v.name);
  w.message(2, type);
  return w;
}

}  // namespace

std::string write_onnx(const Graph& graph, const std::map<std::string, std::string>& metadata) {
  WireWriter g;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) g.message(1, node(graph.nodes[i], i));
  g.bytes(2, graph.name);
  for (const auto& i : graph.initializers) g.message(5, tensor(i));
  for (const auto& v : graph.inputs) g.message(11, value_info(v));
  for (const auto& v : graph.outputs) g.message(12, value_info(v));
  WireWriter model, opset, own_opset;
  model.integer(1, kIrVersion);
  model.bytes(2, "mien");
  model.bytes(3, version());
  model.message(7, g);
  opset.integer(2, kOpset);
  model.message(8, opset);
  if (std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& n) { return n.domain == kOwnDomain; })) {
    own_opset.bytes(1, kOwnDomain);
    own_opset.integer(2, kOwnDomainVersion);
    model.message(8, own_opset);
  }
  const auto add = [&](const std::string& key, const std::string& value) {
    WireWriter entry;
    entry.bytes(1, key);
    entry.bytes(2, value);
    model.message(14, entry);
  };
  add(onnx::kModelHashKey, content_hash(model.str()));
  for (const auto& [key, value] : metadata) add(key, value);
  return model.str();
}

}  // namespace mien::onnx
