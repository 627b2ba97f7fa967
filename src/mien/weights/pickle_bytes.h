// SPDX-License-Identifier: Apache-2.0
// The bytes of one pickle, read from front to back; every read past the end is an error that names file and byte.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "mien/base/error.h"
#include "mien/weights/bytes.h"

namespace mien::weights {

class PickleBytes {
 public:
  static constexpr const char* kDamaged = "The file is damaged. Download or copy it again.";

  /// `origin`: the file's name, for messages; must outlive this object.
  PickleBytes(std::span<const std::byte> bytes, const std::string& origin) : bytes_(bytes), origin_(origin) {}

  /// The next number, little-endian. Throws bad_input if the pickle ends before it.
  template <typename T>
  T take() {
    const auto value = number_at<T>(bytes_, at_);
    check(value.has_value(), "the pickle ends too early");
    at_ += sizeof(T);
    return *value;
  }
  std::string_view take_text(std::uint64_t size) {
    check(size <= bytes_.size() - at_, "the pickle ends too early");
    const auto taken = as_text(bytes_.subspan(at_, size));
    at_ += size;
    return taken;
  }
  std::string_view take_line() {
    const auto rest = as_text(bytes_.subspan(at_));
    const auto end = rest.find('\n');
    check(end != std::string_view::npos, "the pickle ends too early");
    at_ += end + 1;
    return rest.substr(0, end);
  }
  void check(bool condition, std::string_view what) const {
    if (!condition) fail_input(fmt::format("{}: {}.", where(), what), kDamaged);
  }
  std::string where() const { return fmt::format("{}, byte {} of its pickle", origin_, at_); }

 private:
  std::span<const std::byte> bytes_;
  const std::string& origin_;
  std::uint64_t at_ = 0;
};

}  // namespace mien::weights
