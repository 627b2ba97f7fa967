// SPDX-License-Identifier: Apache-2.0
// The suggestion at the end of a command: a line to paste, or what is missing.
#pragma once

#include <string>

#include "mien/pack/pack.h"

namespace mien::app {

/// The parts that a pack has.
struct Parts {
  bool train = false, valid = false, test = false;
  bool boxes = false;  ///< whether the training pictures have boxes
};
Parts parts_of(const pack::Pack& pack);

/// "FILE  next: mien train …" for a pack for training. Otherwise what is missing and how to add it, or, for
/// test pictures alone, how to evaluate on them. `more`: further words of the training command, already quoted.
std::string after_packing(const std::string& pack, const Parts& parts, const std::string& more = {});

}  // namespace mien::app
