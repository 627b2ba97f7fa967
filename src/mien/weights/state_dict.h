// SPDX-License-Identifier: Apache-2.0
// Finds the weights in a file: a state dict itself, or a training checkpoint that contains one among other
// things.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "mien/weights/value.h"

namespace mien::weights {

struct StateDict {
  std::vector<NamedView> tensors;    ///< in file order, each name once
  std::string entry;                 ///< where it was found: "model_state_dict"; empty: the file itself
  std::vector<std::string> others;   ///< entries next to the tensors: "epoch: an integer"
  std::vector<NamedView> around;     ///< tensors of the dictionaries that contain the chosen one
  std::vector<std::string> entries;  ///< the other dictionaries with tensors: "state_dict_ema"
};

/// How many entries of the network these tensors fill, by name and shape.
using FitOf = std::function<std::size_t(std::span<const NamedView>)>;

/// `entry`: key of the dictionary to use, keys of nested ones joined by '/'. Empty: with `fit`, the dictionary that
/// fits the network best, among equal ones the first of `containers`, then of the usual names. If none fits, and
/// without `fit`: the file itself if it has tensors with dimensions, otherwise the first of those names, otherwise the
/// only dictionary with tensors. Throws bad_input if none or several are left, and lists the file's entries.
StateDict find_state_dict(const Value& root, const std::vector<std::string>& containers, const std::string& entry,
                          const std::string& origin, const FitOf& fit = {});

}  // namespace mien::weights
