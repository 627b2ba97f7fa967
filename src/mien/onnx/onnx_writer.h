// SPDX-License-Identifier: Apache-2.0
// Graph → bytes of an ONNX file (field numbers of onnx.proto). The same graph gives the same bytes.
#pragma once

#include <map>
#include <string>

#include "mien/onnx/graph.h"

namespace mien::onnx {

inline constexpr int kIrVersion = 8;
inline constexpr int kOpset = 17;

/// A ModelProto; its metadata_props are the hash of everything else (onnx/model_file.h), then those given, in the order
/// of keys. With nodes of kOwnDomain, it also imports that operator set.
std::string write_onnx(const Graph& graph, const std::map<std::string, std::string>& metadata);

}  // namespace mien::onnx
