// SPDX-License-Identifier: Apache-2.0
#include "mien/base/config.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/base/toml.h"

namespace mien {
namespace {

bool matches(const Json& value, FieldType type) {
  const auto each = [&](FieldType element) {
    return value.is_array() &&
           std::all_of(value.begin(), value.end(), [&](const Json& v) { return matches(v, element); });
  };
  switch (type) {
    case FieldType::integer:
      return value.is_number() && std::floor(value.get<double>()) == value.get<double>();
    case FieldType::number:
      return value.is_number();
    case FieldType::flag:
      return value.is_boolean();
    case FieldType::text:
      return value.is_string();
    case FieldType::numbers:
      return each(FieldType::number);
    case FieldType::texts:
      return each(FieldType::text);
  }
  return false;
}

void flatten(const Json& object, const std::string& prefix, std::vector<std::pair<std::string, Json>>& out) {
  for (const auto& [key, value] : object.items()) {
    const std::string full = prefix.empty() ? key : prefix + "." + key;
    if (value.is_object())
      flatten(value, full, out);
    else
      out.emplace_back(full, value);
  }
}

}  // namespace

Field& Field::range(double lowest, double highest) {
  lowest_ = lowest;
  highest_ = highest;
  return *this;
}

Field& Field::choices(std::vector<std::string> allowed) {
  choices_ = std::move(allowed);
  return *this;
}

std::string Field::describe_range() const {
  if (!choices_.empty()) return join(choices_, "|");
  const bool low = std::isfinite(lowest_), high = std::isfinite(highest_);
  if (low && high) return fmt::format("{:g}..{:g}", lowest_, highest_);
  if (low) return fmt::format(">= {:g}", lowest_);
  if (high) return fmt::format("<= {:g}", highest_);
  return {};
}

void Field::set(const Json& value, const std::string& origin) {
  const std::string found = fmt::format("{}: {} = {}", origin, key, compact(value));
  if (!matches(value, type))
    fail_usage(fmt::format("{} has the wrong type; expected {}.", found, to_word(type)), help + ".");
  auto in_range = [&](const Json& v) {
    return !v.is_number() || (v.get<double>() >= lowest_ && v.get<double>() <= highest_);
  };
  const bool ok = value.is_array() ? std::all_of(value.begin(), value.end(), in_range) : in_range(value);
  if (!ok) fail_usage(fmt::format("{} is out of range; expected {}.", found, describe_range()), help + ".");
  if (!choices_.empty() && value.is_string() &&
      std::find(choices_.begin(), choices_.end(), value.get<std::string>()) == choices_.end())
    fail_usage(fmt::format("{} is not a valid choice; expected {}.", found, describe_range()),
               did_you_mean(value.get<std::string>(), choices_));
  set_(value);
}

template <typename T>
Field& Fields::add_field(std::string key, T& value, std::string help, std::string source, FieldType type) {
  Field field;
  field.key = std::move(key);
  field.help = std::move(help);
  field.source = std::move(source);
  field.type = type;
  field.default_value = value;
  T* target = &value;
  field.get_ = [target] { return Json(*target); };
  field.set_ = [target](const Json& v) {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
      *target = static_cast<T>(v.get<double>());
    else
      *target = v.get<T>();
  };
  fields_.push_back(std::move(field));
  return fields_.back();
}

Field& Fields::add_word(std::string key, std::function<std::string()> get, std::function<void(const std::string&)> set,
                        std::string help, std::string source) {
  Field field;
  field.key = std::move(key);
  field.help = std::move(help);
  field.source = std::move(source);
  field.type = FieldType::text;
  field.default_value = get();
  field.get_ = [get = std::move(get)] { return Json(get()); };
  field.set_ = [set = std::move(set)](const Json& v) { set(v.get<std::string>()); };
  fields_.push_back(std::move(field));
  return fields_.back();
}

Field& Fields::add(std::string k, int& v, std::string h, std::string s) {
  return add_field(k, v, h, s, FieldType::integer).range(-2147483648.0, 2147483647.0);
}
Field& Fields::add(std::string k, std::int64_t& v, std::string h, std::string s) {
  return add_field(k, v, h, s, FieldType::integer).range(-9.0e15, 9.0e15);
}
Field& Fields::add(std::string k, double& v, std::string h, std::string s) {
  return add_field(k, v, h, s, FieldType::number);
}
Field& Fields::add(std::string k, bool& v, std::string h, std::string s) {
  return add_field(k, v, h, s, FieldType::flag);
}
Field& Fields::add(std::string k, std::string& v, std::string h, std::string s) {
  return add_field(k, v, h, s, FieldType::text);
}
Field& Fields::add(std::string k, std::vector<double>& v, std::string h, std::string s) {
  return add_field(k, v, h, s, FieldType::numbers);
}
Field& Fields::add(std::string k, std::vector<std::string>& v, std::string h, std::string s) {
  return add_field(k, v, h, s, FieldType::texts);
}

void Fields::set(const std::string& key, const Json& value, const std::string& origin) {
  for (auto& field : fields_)
    if (field.key == key) return field.set(value, origin);
  std::vector<std::string> keys;
  for (const auto& field : fields_) keys.push_back(field.key);
  fail_usage(fmt::format("{}: unknown key {}.", origin, quote(key)), did_you_mean(key, keys));
}

void Fields::set_text(const std::string& assignment) {
  const auto at = assignment.find('=');
  if (at == std::string::npos)
    fail_usage(fmt::format("--set {}: no '='.", quote(assignment)), "Write --set section.key=value.");
  const std::string key(trim(std::string_view(assignment).substr(0, at)));
  const std::string value(trim(std::string_view(assignment).substr(at + 1)));
  Json parsed;
  try {
    parsed = parse_toml("v = " + value, "--set").at("v");
  } catch (const Error&) {
    parsed = value;  // a bare word is text
  }
  const bool wants_text = std::any_of(fields_.begin(), fields_.end(),
                                      [&](const Field& f) { return f.key == key && f.type == FieldType::text; });
  if (wants_text && !parsed.is_string()) parsed = value;  // name=42
  set(key, parsed, "--set");
}

void Fields::set_all(const Json& object, const std::string& origin) {
  std::vector<std::pair<std::string, Json>> leaves;
  flatten(object, "", leaves);
  for (const auto& [key, value] : leaves) set(key, value, origin);
}

Json Fields::resolved() const {
  Json out = Json::object();
  for (const auto& field : fields_) {
    Json* node = &out;
    const auto parts = split(field.key, '.');
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) node = &(*node)[parts[i]];
    (*node)[parts.back()] = field.get();
  }
  return out;
}

}  // namespace mien
