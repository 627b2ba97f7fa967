// SPDX-License-Identifier: Apache-2.0
// JSON values that keep the order of their keys.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace mien {

using Json = nlohmann::ordered_json;

/// Throws bad_input on a syntax error; the message names `origin` (a file or "metadata of x").
Json parse_json(std::string_view content, const std::string& origin);
Json read_json(const std::filesystem::path& path);
/// Indented, one value per line, with a final line end; bytes that are not UTF-8 are replaced.
std::string pretty(const Json& value);
/// On one line.
std::string compact(const Json& value);
/// Written completely or not at all.
void write_json(const std::filesystem::path& path, const Json& value);

/// A required member of the given type; otherwise throws bad_input that names `origin` and the key.
template <typename T>
T json_at(const Json& object, const char* key, const std::string& origin);

void fail_json_member(const Json& object, const char* key, const std::string& origin);

template <typename T>
T json_at(const Json& object, const char* key, const std::string& origin) {
  try {
    return object.at(key).get<T>();
  } catch (const nlohmann::json::exception&) {
    fail_json_member(object, key, origin);
    throw;  // not reached
  }
}

}  // namespace mien
