// SPDX-License-Identifier: Apache-2.0
#include "mien/base/toml.h"

#define TOML_EXCEPTIONS 1
#include <fmt/core.h>
#include <toml++/toml.h>

#include <sstream>

#include "mien/base/error.h"
#include "mien/base/file.h"

namespace mien {
namespace {

/// Line of the first non-ASCII character outside strings and comments, 0 if there is none. TOML allows none
/// there, and toml++ 3.3 runs into undefined behaviour when it checks whether such a character is white space.
std::size_t line_of_stray_character(std::string_view s) {
  if (s.starts_with("\xEF\xBB\xBF")) s.remove_prefix(3);
  std::size_t line = 1;
  for (std::size_t i = 0; i < s.size(); ++i) {
    line += s[i] == '\n';
    if (static_cast<unsigned char>(s[i]) >= 0x80) return line;
    if (s[i] == '#') {
      while (i + 1 < s.size() && s[i + 1] != '\n') ++i;
    } else if (s[i] == '"' || s[i] == '\'') {
      const char mark = s[i];
      const bool is_long = s.substr(i, 3) == std::string(3, mark);
      const std::string end(is_long ? 3 : 1, mark);
      for (i += end.size(); i < s.size() && s.substr(i, end.size()) != end && (is_long || s[i] != '\n'); ++i) {
        if (s[i] == '\\' && mark == '"') ++i;
        line += i < s.size() && s[i] == '\n';
      }
      i += end.size() - 1;
      line += i < s.size() && s[i] == '\n';
    }
  }
  return 0;
}

Json to_json(const toml::node& node, const std::string& origin) {
  if (const auto* table = node.as_table()) {
    Json out = Json::object();
    for (const auto& [key, value] : *table) out[std::string(key.str())] = to_json(value, origin);
    return out;
  }
  if (const auto* array = node.as_array()) {
    Json out = Json::array();
    for (const auto& value : *array) out.push_back(to_json(value, origin));
    return out;
  }
  if (const auto* v = node.as_string()) return v->get();
  if (const auto* v = node.as_integer()) return v->get();
  if (const auto* v = node.as_floating_point()) return v->get();
  if (const auto* v = node.as_boolean()) return v->get();
  fail_usage(fmt::format("{}, line {}: dates and times are not supported.", origin, node.source().begin.line));
}

void append(toml::array& array, const Json& value);
toml::table to_table(const Json& object);

toml::array to_array(const Json& values) {
  toml::array array;
  for (const auto& value : values) append(array, value);
  return array;
}

/// Passes the TOML form of a value to `put`; null has no such form and is left out.
template <typename Put>
void convert(const Json& value, Put put) {
  if (value.is_boolean())
    put(value.get<bool>());
  else if (value.is_number_integer())
    put(value.get<std::int64_t>());
  else if (value.is_number())
    put(value.get<double>());
  else if (value.is_string())
    put(value.get<std::string>());
  else if (value.is_object())
    put(to_table(value));
  else if (value.is_array())
    put(to_array(value));
}

void append(toml::array& array, const Json& value) {
  convert(value, [&](auto&& v) { array.push_back(std::forward<decltype(v)>(v)); });
}

toml::table to_table(const Json& object) {
  toml::table table;
  for (const auto& [key, value] : object.items())
    convert(value, [&, k = key](auto&& v) { table.insert_or_assign(k, std::forward<decltype(v)>(v)); });
  return table;
}

}  // namespace

Json parse_toml(std::string_view content, const std::string& origin) {
  if (const std::size_t line = line_of_stray_character(content))
    fail_usage(fmt::format("{}, line {}: a non-ASCII character outside quotes.", origin, line),
               "Put such names and values in quotes.");
  try {
    const toml::table table = toml::parse(content, origin);
    return to_json(table, origin);
  } catch (const toml::parse_error& e) {
    fail_usage(fmt::format("{}, line {}, column {}: {}.", origin, e.source().begin.line, e.source().begin.column,
                           e.description()),
               "See docs/formats.md for the format of a configuration file.");
  }
}

Json read_toml(const std::filesystem::path& path) { return parse_toml(read_file(path), path.string()); }

std::string to_toml(const Json& object) {
  std::ostringstream out;
  out << to_table(object) << "\n";
  return out.str();
}

}  // namespace mien
