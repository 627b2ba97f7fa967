// SPDX-License-Identifier: Apache-2.0
// TOML in, the same nested values as JSON out; and back, for the resolved config of a run.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "mien/base/json.h"

namespace mien {

/// Throws usage with file, line and column on a syntax error.
Json parse_toml(std::string_view content, const std::string& origin);
Json read_toml(const std::filesystem::path& path);
std::string to_toml(const Json& object);

}  // namespace mien
