// SPDX-License-Identifier: Apache-2.0
// How numbers in a list, or as folder names, become expressions. Without an explicit order, numbers are never mapped.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/face/expression.h"

namespace mien::dataset {

class LabelOrder {
 public:
  /// No order: names only.
  LabelOrder() = default;
  /// A known order (raf, affectnet, fer2013, ferplus, ckplus, canonical) or the path of a file of class names. The file
  /// has one class per line: "number name", or only the name, counted from 0. Throws usage or bad_input.
  static LabelOrder named(const std::string& name_or_file);

  /// The lines of such a file; `origin` is named in errors.
  static LabelOrder of_names(const std::string& names, const std::string& origin);

  enum class Kind { expression, not_a_class, unmapped };
  struct Label {
    Kind kind = Kind::unmapped;
    face::Expression expression = face::Expression::neutral;  ///< depending on kind
  };
  /// A name by the alias table ("happy", also with a number before it: "3_happy"), a number by the order ("3", "3.0");
  /// not_a_class for numbers without expression in the order (AffectNet 8 to 10, FER+ 8 and 9).
  Label label_of(std::string_view text) const;
  static bool is_number(std::string_view text);
  bool is_empty() const { return classes_.empty(); }
  /// "3 → disgust" for each number of the order.
  std::vector<std::string> describe() const;

 private:
  std::map<long long, std::optional<face::Expression>> classes_;
};

}  // namespace mien::dataset
