// SPDX-License-Identifier: Apache-2.0
// Little-endian numbers from a span of bytes, with every step checked.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace mien::weights {

/// The value at `at`; nothing if it is not completely within the bytes.
template <typename T>
std::optional<T> number_at(std::span<const std::byte> bytes, std::uint64_t at) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (at > bytes.size() || bytes.size() - at < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace mien::weights
