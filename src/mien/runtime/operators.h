// SPDX-License-Identifier: Apache-2.0
// Operators of our own that exported models may hold: mien::SelectiveScan (kernels/selective_scan.h).
#pragma once

namespace mien::runtime {

/// Teaches `core` the operators, in ONNX files and in its own format. `Core` is the runtime's; no header names its
/// types.
template <typename Core>
void add_operators(Core& core);

/// Limits the threads of our operators in a network that was read; others keep all usable cores. Whether it has any.
template <typename Network>
bool limit_operator_threads(Network& network, int threads);

}  // namespace mien::runtime
