// SPDX-License-Identifier: Apache-2.0
// The operator table: recorded ATen operators → ONNX opset 17, mien's own → the domain mien. One line each;
// a missing operator is an error that names it.
#pragma once

#include <string>
#include <vector>

#include "mien/onnx/graph.h"

namespace mien::onnx {

/// Lowers a merged recording. Throws failed, naming the operator, if the table has no entry, an argument has no ONNX
/// form, or pictures of a batch would depend on each other.
Graph lower(const Recording& recording);

/// Names of all operators in the table, sorted.
std::vector<std::string> known_operators();

}  // namespace mien::onnx
