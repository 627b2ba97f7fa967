// SPDX-License-Identifier: Apache-2.0
// mien's own operators in exported models: mien::SelectiveScan (kernels/selective_scan.h).
#pragma once

namespace mien::runtime {

/// Registers the operators with `core`, for ONNX files and for its own format. `Core` is the runtime's; no header names
/// its types.
template <typename Core>
void add_operators(Core& core);

/// Limits the threads of mien's operators in a loaded network; others use all available cores. True if it has any.
template <typename Network>
bool limit_operator_threads(Network& network, int threads);

}  // namespace mien::runtime
