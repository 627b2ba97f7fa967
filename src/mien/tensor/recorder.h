// SPDX-License-Identifier: Apache-2.0
// Records the operators that a function really calls, before LibTorch takes them apart: export needs no second
// description of a network. Works through a fallback kernel on a dispatch key that is on only while recording.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mien/graph/recording.h"
#include "mien/tensor/safetensors.h"

namespace mien::tensor {

using Forward = std::function<std::vector<at::Tensor>(const at::Tensor&)>;

/// Runs `forward` on zeros of shape (2, shape...) and (3, shape...) and records both; sizes and integer arguments that
/// follow the batch become graph::kBatch. `weights` gives constants their names (matched by storage). Throws failed
/// where the two runs call different operators (the function depends on the batch in another way).
graph::Recording record(const Forward& forward, const std::vector<std::int64_t>& shape, const std::vector<std::string>& output_names, const NamedTensors& weights);

}  // namespace mien::tensor
