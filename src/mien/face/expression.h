// SPDX-License-Identifier: Apache-2.0
// The expressions. Names, not numbers, are the contract between data sets, models and outputs; the number is the
// position in the canonical list (AffectNet's order).
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mien::face {

enum class Expression { neutral, happiness, sadness, surprise, fear, disgust, anger, contempt };
inline constexpr std::size_t kNumExpressions = 8;

std::string_view to_string(Expression expression);
/// Canonical names and their usual aliases, case-insensitive ("happy", "HA", "neural"); nothing for other words.
std::optional<Expression> expression_from(std::string_view name);
const std::array<std::string_view, kNumExpressions>& expression_names();

/// The first `k` canonical names: 8 all, 7 without contempt; 6 without neutral and contempt. Otherwise throws
/// bad_input.
std::vector<std::string> class_set(std::size_t k);

}  // namespace mien::face
