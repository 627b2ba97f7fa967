// SPDX-License-Identifier: Apache-2.0
#include "mien/base/json.h"

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"

namespace mien {

Json parse_json(std::string_view content, const std::string& origin) {
  try {
    return Json::parse(content);
  } catch (const nlohmann::json::parse_error& e) {
    fail_input(text(origin, ": not valid JSON at byte ", e.byte, "."), "The file may be cut or not ours.");
  }
}

Json read_json(const std::filesystem::path& path) { return parse_json(read_file(path), path.string()); }

std::string pretty(const Json& value) { return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string compact(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

void write_json(const std::filesystem::path& path, const Json& value) { write_file(path, pretty(value)); }

void fail_json_member(const Json& object, const char* key, const std::string& origin) {
  const bool there = object.is_object() && object.contains(key);
  fail_input(text(origin, ": field ", quote(key), there ? text(" has the wrong type: ", compact(object.at(key))) : " is missing", "."),
             "The file may be cut, or written by another version of mien.");
}

}  // namespace mien
