// SPDX-License-Identifier: Apache-2.0
// Numbers in JSON from other programs: json_at converts values that do not fit their type; these functions refuse them.
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "mien/base/json.h"

namespace mien {

/// Whether the number fits T: whole and in range, or a finite value of T.
template <typename T>
bool fits(const Json& value) {
  if constexpr (std::is_integral_v<T>) {
    if (value.is_number_unsigned()) return std::in_range<T>(value.get<std::uint64_t>());
    return value.is_number_integer() && std::in_range<T>(value.get<std::int64_t>());
  } else {
    return value.is_number() && std::abs(value.get<double>()) <= static_cast<double>(std::numeric_limits<T>::max());
  }
}

/// A required number; otherwise throws bad_input that names `origin` and the key.
template <typename T>
T json_number(const Json& object, const char* key, const std::string& origin) {
  const auto value = json_at<Json>(object, key, origin);
  if (!fits<T>(value)) fail_json_member(object, key, origin);
  return value.get<T>();
}

/// A required list of numbers; otherwise throws bad_input that names `origin` and the key.
template <typename T>
std::vector<T> json_numbers(const Json& object, const char* key, const std::string& origin) {
  const auto list = json_at<Json>(object, key, origin);
  if (!list.is_array()) fail_json_member(object, key, origin);
  std::vector<T> out;
  for (const Json& value : list) {
    if (!fits<T>(value)) fail_json_member(object, key, origin);
    out.push_back(value.get<T>());
  }
  return out;
}

}  // namespace mien
