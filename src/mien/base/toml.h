// SPDX-License-Identifier: Apache-2.0
// Reads TOML as nested JSON values, and writes them back as TOML, for the resolved config of a run.
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
