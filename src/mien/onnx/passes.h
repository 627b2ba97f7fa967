// SPDX-License-Identifier: Apache-2.0
// Changes to an ONNX graph that leave what it computes the same (half precision: the same to 11 bits of each weight).
#pragma once

#include <cstdint>

#include "mien/onnx/graph.h"

namespace mien::onnx {

/// Drops nodes and initializers that no output needs.
void remove_unused(Graph& graph);

/// Folds every BatchNormalization that follows a Conv or Gemm of constant weights, read by nothing else, into it:
/// W' = W·γ/σ, b' = (b − μ)·γ/σ + β, computed in double.
void fold_batch_norm(Graph& graph);

/// Stores float32 initializers of `smallest` elements or more in half precision under NAME.half, each followed by a
/// Cast to float32, which runtimes fold away when they load the file. Throws failed where a weight exceeds 65504.
void store_in_half_precision(Graph& graph, std::int64_t smallest = 256);

/// IEEE 754 binary32 → binary16, to nearest, ties to even; overflow gives infinity.
std::uint16_t half_from(float value);

}  // namespace mien::onnx
