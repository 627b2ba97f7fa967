// SPDX-License-Identifier: Apache-2.0
// What a command proposes at its end: a line that works when it is pasted, or what is missing.
#pragma once

#include <string>

#include "mien/pack/pack.h"

namespace mien::app {

/// The parts that a pack has.
struct Parts {
  bool train = false, valid = false, test = false;
};
Parts parts_of(const pack::Pack& pack);

/// "FILE  next: mien train …" for a pack that can be trained on. Else what it lacks for that and how to get it, or, for
/// test pictures alone, how to evaluate on them. `more`: further words of the training command, already quoted.
std::string after_packing(const std::string& pack, const Parts& parts, const std::string& more = {});

}  // namespace mien::app
