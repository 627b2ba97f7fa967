// SPDX-License-Identifier: Apache-2.0
// Records the operators that a function calls, before LibTorch decomposes them: export needs no second
// description of a network. Works through a fallback kernel on a dispatch key that is on only while recording.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mien/nn/safetensors.h"
#include "mien/onnx/recording.h"

namespace mien::nn {

using Forward = std::function<std::vector<at::Tensor>(const at::Tensor&)>;

/// Runs `forward` on float32 zeros of shape (2, shape...) and (3, shape...), on the device of the first weight, and
/// returns one recording for every batch size (onnx::merge_batches). `weights` gives constants their names, matched by
/// storage. In-place operators become plain ones. Throws failed if the number of outputs differs from
/// `output_names`, if a value is read out of a tensor (the recording would keep it for ever), if a weight or a
/// tensor that is still used through a view is changed in place, or if pictures of a batch depend on each other.
/// One recording per thread at a time.
onnx::Recording record(const Forward& forward, const std::vector<std::int64_t>& shape,
                       const std::vector<std::string>& output_names, const NamedTensors& weights);

}  // namespace mien::nn
