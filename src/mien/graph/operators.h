// SPDX-License-Identifier: Apache-2.0
// The operator table: recorded ATen operators → ONNX opset 17. One line of the table per operator; an operator that it
// lacks is an error that names it.
#pragma once

#include <string>
#include <vector>

#include "mien/graph/graph.h"

namespace mien::graph {

/// Lowers a recording. Throws failed, naming the operator, where the table has no entry or an argument has no ONNX form.
Graph lower(const Recording& recording);

/// Names of all operators in the table, sorted.
std::vector<std::string> known_operators();

/// Multiply-adds of one picture: convolutions and matrix products.
std::int64_t count_multiply_adds(const Recording& recording);

}  // namespace mien::graph
