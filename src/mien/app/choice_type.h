// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <vector>

#include "mien/base/text.h"

namespace mien::app {

/// "NAME:{a,b}", the type name of an option with these choices: --help lists them, and shell completion offers them.
inline std::string choice_type(std::string_view name, const std::vector<std::string>& choices) {
  return fmt::format("{}:{{{}}}", name, join(choices, ","));
}

}  // namespace mien::app
