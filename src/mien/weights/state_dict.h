// SPDX-License-Identifier: Apache-2.0
// Finds the weights in what a file holds: a state dict itself, or a training checkpoint that holds one among other
// things.
#pragma once

#include <string>
#include <vector>

#include "mien/weights/value.h"

namespace mien::weights {

struct StateDict {
  std::vector<NamedView> tensors;   ///< in file order, each name once
  std::string entry;                ///< where it was found: "model_state_dict"; empty: the file itself
  std::vector<std::string> others;  ///< entries beside the tensors: "epoch: an integer"
};

/// `entry`: key of the dictionary to take, keys of nested ones joined by '/'; empty: the file itself where it holds
/// tensors, else the first of `containers` (then of the usual names) that is there, else the only dictionary with
/// tensors. Throws bad_input where none or several fit, and lists what the file holds.
StateDict find_state_dict(const Value& root, const std::vector<std::string>& containers, const std::string& entry,
                          const std::string& origin);

}  // namespace mien::weights
