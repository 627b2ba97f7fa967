// SPDX-License-Identifier: Apache-2.0
// Changes to an ONNX graph that preserve its results (half precision: to 11 bits of each weight).
// They remove what a network needs only in training: export records its own forward pass.
#pragma once

#include <cstdint>

#include "mien/onnx/graph.h"

namespace mien::onnx {

/// All passes below except half precision, in the order in which they help each other.
void simplify(Graph& graph);

/// Computes nodes that only move or convert constants: Transpose, Reshape, Squeeze, Unsqueeze, Identity, Cast.
void fold_constants(Graph& graph);

/// Gives every Gemm of constant weights the form (outputs, inputs) with transB.
void transpose_linear_weights(Graph& graph);

/// Folds every BatchNormalization that follows a Conv or Gemm of constant weights, read by nothing else, into it:
/// W' = W·γ/σ, b' = (b − μ)·γ/σ + β, computed in double. A norm before its layer stays.
void fold_batch_norm(Graph& graph);

/// Convolutions of one value with the same stride, dilation and groups whose results are added, and read by nothing
/// else, become one: each kernel is placed in the merged one according to its padding. Only if the merged kernel has no
/// more elements than they have together (3×3, 1×3 and 3×1 become one 3×3).
void merge_parallel_convolutions(Graph& graph);

/// A Gemm, or a convolution, whose result is only read by another Gemm, or a 1×1 convolution: W' = W₂·W₁,
/// b' = W₂·b₁ + b₂, computed in double. Only if W' has no more elements than W₁ and W₂ together.
void merge_linear_chains(Graph& graph);

/// Initializers of the same type, size and bytes become one, and so do nodes of the same inputs and attributes.
void share_equal_parts(Graph& graph);

/// Drops nodes and initializers that no output needs.
void remove_unused(Graph& graph);

/// Stores float32 initializers of `smallest` elements or more in half precision under NAME.half, each followed by a
/// Cast to float32, which runtimes fold away when they load the file. Throws failed if a weight exceeds 65504.
void store_in_half_precision(Graph& graph, std::int64_t smallest = 256);

/// IEEE 754 binary32 → binary16, to nearest, ties to even; overflow gives infinity.
std::uint16_t half_from(float value);

}  // namespace mien::onnx
