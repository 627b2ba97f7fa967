// SPDX-License-Identifier: Apache-2.0
// The order of the expressions in data sets and in the published models that were trained on them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mien/face/expression.h"

namespace mien::face {

struct ClassOrder {
  std::string_view name;  ///< raf, affectnet, fer2013, ferplus, ckplus, canonical
  int first = 0;          ///< number of the first class in the data set's lists
  std::vector<Expression> classes;
  int last_other = -1;  ///< numbers above the classes up to this one mean "no expression"; -1: none
};

const std::vector<ClassOrder>& class_orders();
std::vector<std::string> class_order_names();

/// Class names of a model with `k` outputs: `text` is the name of an order (AffectNet's also without its last class),
/// or k expressions separated by commas. Throws usage if it is neither, or gives another number of classes.
std::vector<std::string> classes_from(const std::string& text, std::size_t k);
/// The same for a known order; nothing if it has no form with k classes.
std::optional<std::vector<std::string>> classes_of_order(std::string_view name, std::size_t k);

}  // namespace mien::face
