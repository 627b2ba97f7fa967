// SPDX-License-Identifier: Apache-2.0
#include "mien/face/expression.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::face {
namespace {

constexpr std::array<std::string_view, kNumExpressions> kNames = {"neutral", "happiness", "sadness", "surprise",
                                                                  "fear",    "disgust",   "anger",   "contempt"};
struct Alias {
  std::string_view name;
  Expression expression;
};
constexpr Alias kAliases[] = {
    {"neutrality", Expression::neutral},
    {"ne", Expression::neutral},
    {"neural", Expression::neutral},
    {"no", Expression::neutral},
    {"normal", Expression::neutral},
    {"happy", Expression::happiness},
    {"ha", Expression::happiness},
    {"hap", Expression::happiness},
    {"joy", Expression::happiness},
    {"sad", Expression::sadness},
    {"sa", Expression::sadness},
    {"surprised", Expression::surprise},
    {"su", Expression::surprise},
    {"sur", Expression::surprise},
    {"fearful", Expression::fear},
    {"afraid", Expression::fear},
    {"scared", Expression::fear},
    {"fe", Expression::fear},
    {"disgusted", Expression::disgust},
    {"di", Expression::disgust},
    {"dis", Expression::disgust},
    {"angry", Expression::anger},
    {"an", Expression::anger},
    {"ang", Expression::anger},
    {"contemptuous", Expression::contempt},
    {"co", Expression::contempt},
};

}  // namespace

std::string_view to_string(Expression expression) { return kNames[static_cast<std::size_t>(expression)]; }

std::optional<Expression> expression_from(std::string_view name) {
  const std::string folded = lower(trim(name));
  for (std::size_t i = 0; i < kNumExpressions; ++i)
    if (folded == kNames[i]) return static_cast<Expression>(i);
  for (const auto& alias : kAliases)
    if (folded == alias.name) return alias.expression;
  return std::nullopt;
}

const std::array<std::string_view, kNumExpressions>& expression_names() { return kNames; }

std::vector<std::string> class_set(std::size_t k) {
  if (k == 8 || k == 7) return {kNames.begin(), kNames.begin() + static_cast<std::ptrdiff_t>(k)};
  if (k == 6) return {kNames.begin() + 1, kNames.begin() + 7};
  fail_input(fmt::format("There is no class set with {} expressions.", k), "Choose 6, 7 or 8.");
}

}  // namespace mien::face
