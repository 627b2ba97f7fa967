// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/label_order.h"

#include <fmt/core.h>

#include <cmath>

#include "mien/base/csv.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/face/class_order.h"

namespace mien::dataset {
namespace {

using E = face::Expression;

std::map<long long, std::optional<E>> classes_of_text(const std::string& names, const std::string& origin) {
  std::map<long long, std::optional<E>> classes;
  std::size_t number_of_line = 0;
  for (const auto& line : lines_of(names)) {
    ++number_of_line;
    const std::string_view content = trim(line);
    if (content.empty()) continue;
    const auto gap = content.find_first_of(" \t,:");
    const auto number = gap == std::string_view::npos ? std::nullopt : parse_int(content.substr(0, gap));
    const auto name = number ? content.substr(content.find_first_not_of(" \t,:", gap)) : content;
    const auto expression = face::expression_from(name);
    check_input(expression.has_value(),
                fmt::format("{} line {}: {} is not a known expression.", origin, number_of_line, quote(name)),
                "Write one class per line: '3 disgust', or 'disgust' counted from 0.");
    classes[number.value_or(static_cast<long long>(classes.size()))] = expression;
  }
  check_input(!classes.empty(), origin + ": contains no class.");
  return classes;
}

/// "3", and "3.0" as in tables of numbers.
std::optional<long long> whole_number(std::string_view word) {
  if (const auto number = parse_int(word)) return number;
  const auto real = parse_double(word);
  if (!real || std::abs(*real) > 1e6 || *real != std::floor(*real)) return std::nullopt;
  return static_cast<long long>(*real);
}

/// "3_happy", "03-happy", "3. happy" → "happy".
std::string_view without_number(std::string_view word) {
  const auto end = word.find_first_not_of("0123456789");
  if (end == 0 || end == std::string_view::npos) return word;
  const auto begin = word.find_first_not_of("_-. ", end);
  return begin == end || begin == std::string_view::npos ? word : word.substr(begin);
}

}  // namespace

LabelOrder LabelOrder::named(const std::string& name_or_file) {
  LabelOrder order;
  for (const face::ClassOrder& known : face::class_orders()) {
    if (name_or_file != known.name) continue;
    for (std::size_t i = 0; i < known.classes.size(); ++i)
      order.classes_[known.first + static_cast<long long>(i)] = known.classes[i];
    for (long long n = static_cast<long long>(known.classes.size()); n <= known.last_other; ++n)
      order.classes_[n] = std::nullopt;
    return order;
  }
  if (path_exists(name_or_file)) return of_names(to_utf8(read_file(name_or_file)).text, name_or_file);
  fail_usage(fmt::format("Unknown label order {}, and there is no file with this name.", quote(name_or_file)),
             did_you_mean(name_or_file, face::class_order_names()));
}

LabelOrder LabelOrder::of_names(const std::string& names, const std::string& origin) {
  LabelOrder order;
  order.classes_ = classes_of_text(names, origin);
  return order;
}

LabelOrder::Label LabelOrder::label_of(std::string_view word) const {
  if (const auto number = whole_number(word)) {
    const auto it = classes_.find(*number);
    if (it == classes_.end()) return {};
    return it->second ? Label{Kind::expression, *it->second} : Label{Kind::not_a_class, {}};
  }
  const auto expression = face::expression_from(without_number(trim(word)));
  return expression ? Label{Kind::expression, *expression} : Label{};
}

bool LabelOrder::is_number(std::string_view word) { return whole_number(word).has_value(); }

std::vector<std::string> LabelOrder::describe() const {
  std::vector<std::string> out;
  for (const auto& [number, expression] : classes_)
    out.push_back(fmt::format("{} → {}", number, expression ? face::to_string(*expression) : "left out"));
  return out;
}

}  // namespace mien::dataset
