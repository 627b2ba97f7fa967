// SPDX-License-Identifier: Apache-2.0
// An ONNX graph as plain data.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "mien/onnx/recording.h"

namespace mien::onnx {

/// Real numbers are rounded to float32 when the file is written; passes compute with the network's values.
using AttributeValue = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>>;
using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

struct Node {
  std::string op;                            ///< ONNX operator, "Conv"
  std::vector<std::string> inputs, outputs;  ///< "" for a left-out optional input
  Attributes attributes;
  std::string domain = {};         ///< of the operator; empty: the standard one
  std::int64_t multiply_adds = 0;  ///< for one picture
};

/// Domain of operators that this project defines, and its version.
inline constexpr const char* kOwnDomain = "mien";
inline constexpr int kOwnDomainVersion = 1;

struct Initializer {
  std::string name;
  ElementType type = ElementType::float32;
  std::vector<std::int64_t> dims;
  std::string bytes;  ///< raw little-endian data
};

struct ValueInfo {
  std::string name;
  std::vector<std::int64_t> dims;  ///< multiples of kBatch if the size depends on the batch
  ElementType type = ElementType::float32;
};

struct Graph {
  std::string name = "mien";
  std::vector<ValueInfo> inputs, outputs;
  std::vector<Node> nodes;  ///< each after those whose outputs it reads
  std::vector<Initializer> initializers;
};

/// TensorProto.DataType of onnx.proto.
std::int64_t onnx_type(ElementType type);
std::int64_t num_elements(const std::vector<std::int64_t>& dims);

/// Elements of all floating-point initializers except single numbers, which come from the code.
std::int64_t count_parameters(const Graph& graph);
/// Multiply-adds for one picture: convolutions, matrix products, attention, scans.
std::int64_t count_multiply_adds(const Graph& graph);
/// Hash of the weights as in the card: over the initializers in file order, name, "\n", dimensions joined by
/// "x", "\n", raw bytes.
std::string weights_hash(const Graph& graph);

}  // namespace mien::onnx
