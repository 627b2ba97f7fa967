// SPDX-License-Identifier: Apache-2.0
// What export records: the input a network wants, and a pure function from it to named outputs.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "mien/face/card.h"
#include "mien/nn/torch.h"

namespace mien::method {

struct Deploy {
  face::InputSpec input;
  std::vector<face::OutputSpec> outputs;  ///< the first is the logits (detectors: their maps, decoded in face/)
  /// (B,C,H,W) normalised float32 → one tensor per entry of outputs, for any B >= 1.
  std::function<std::vector<at::Tensor>(const at::Tensor&)> forward;
  std::vector<std::pair<std::string, at::Tensor>> weights;  ///< readable names for the file's initializers
};

}  // namespace mien::method
