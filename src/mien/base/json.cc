// SPDX-License-Identifier: Apache-2.0
#include "mien/base/json.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"

namespace mien {

Json parse_json(std::string_view content, const std::string& origin) {
  constexpr int kMaxDepth = 100;  // writing and destroying nested values uses stack space
  bool is_too_deep = false;
  try {
    Json value = Json::parse(
        content, [&](int depth, Json::parse_event_t, Json&) { return !(is_too_deep |= depth > kMaxDepth); });
    check_input(!is_too_deep, fmt::format("{}: JSON is nested more than {} levels deep.", origin, kMaxDepth),
                "The file was not written by mien.");
    return value;
  } catch (const nlohmann::json::parse_error& e) {
    fail_input(fmt::format("{}: not valid JSON at byte {}.", origin, e.byte),
               "The file may be truncated, or was not written by mien.");
  } catch (const nlohmann::json::exception& e) {  // a number that is too large for any type
    fail_input(fmt::format("{}: not valid JSON ({}).", origin, e.what()),
               "The file may be truncated, or was not written by mien.");
  }
}

Json read_json(const std::filesystem::path& path) { return parse_json(read_file(path), path.string()); }

std::string pretty(const Json& value) { return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string compact(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

void write_json(const std::filesystem::path& path, const Json& value) { write_file(path, pretty(value)); }

void fail_json_member(const Json& object, const char* key, const std::string& origin) {
  const bool there = object.is_object() && object.contains(key);
  fail_input(
      fmt::format("{}: field {}{}.", origin, quote(key),
                  there ? fmt::format(" has the wrong type or range: {}", compact(object.at(key))) : " is missing"),
      "The file may be truncated, or was written by another version of mien.");
}

}  // namespace mien
