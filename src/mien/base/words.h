// SPDX-License-Identifier: Apache-2.0
// The words of an enumeration in configurations and files, declared once next to it in the order of its values, which
// count from 0:
//
//   enum class Fusion { log_softmax, none };
//   constexpr auto words_of(Fusion) { return std::array{"logsoftmax", "none"}; }
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace mien {

template <class E>
concept Worded = std::is_enum_v<E> && requires(E value) { words_of(value); };

template <Worded E>
constexpr std::string_view to_word(E value) {
  return words_of(value)[static_cast<std::size_t>(value)];
}

template <Worded E>
std::vector<std::string> all_words() {
  const auto words = words_of(E{});
  return {words.begin(), words.end()};
}

/// Nothing if no value has this word.
template <Worded E>
std::optional<E> from_word(std::string_view word) {
  const auto words = words_of(E{});
  for (std::size_t i = 0; i < words.size(); ++i)
    if (word == words[i]) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace mien
