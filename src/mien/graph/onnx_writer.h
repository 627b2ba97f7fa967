// SPDX-License-Identifier: Apache-2.0
// Graph → bytes of an ONNX file (onnx.proto3 field numbers), deterministic.
#pragma once

#include <map>
#include <string>

#include "mien/graph/graph.h"

namespace mien::graph {

inline constexpr int kOpset = 17;

/// A ModelProto with IR version 8, opset 17 and the given metadata_props.
std::string write_onnx(const Graph& graph, const std::map<std::string, std::string>& metadata);

}  // namespace mien::graph
