// SPDX-License-Identifier: Apache-2.0
#include "mien/face/class_order.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::face {

using E = Expression;

const std::vector<ClassOrder>& class_orders() {
  static const std::vector<ClassOrder> orders = {
      {"raf", 1, {E::surprise, E::fear, E::disgust, E::happiness, E::sadness, E::anger, E::neutral}, -1},
      {"affectnet",
       0,
       {E::neutral, E::happiness, E::sadness, E::surprise, E::fear, E::disgust, E::anger, E::contempt},
       10},
      {"fer2013", 0, {E::anger, E::disgust, E::fear, E::happiness, E::sadness, E::surprise, E::neutral}, -1},
      {"ferplus",
       0,
       {E::neutral, E::happiness, E::surprise, E::sadness, E::anger, E::disgust, E::fear, E::contempt},
       9},
      {"ckplus",
       0,
       {E::neutral, E::anger, E::contempt, E::disgust, E::fear, E::happiness, E::sadness, E::surprise},
       -1},
      {"canonical",
       0,
       {E::neutral, E::happiness, E::sadness, E::surprise, E::fear, E::disgust, E::anger, E::contempt},
       -1},
  };
  return orders;
}

std::vector<std::string> class_order_names() {
  std::vector<std::string> names;
  for (const auto& order : class_orders()) names.emplace_back(order.name);
  return names;
}

std::optional<std::vector<std::string>> classes_of_order(std::string_view name, std::size_t k) {
  for (const auto& order : class_orders()) {
    if (order.name != name) continue;
    // Contempt is last in these three; their seven-class models do not have it.
    const bool may_drop_last = order.classes.back() == E::contempt && k + 1 == order.classes.size();
    if (order.classes.size() != k && !may_drop_last) return std::nullopt;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < k; ++i) names.emplace_back(to_string(order.classes[i]));
    return names;
  }
  return std::nullopt;
}

std::vector<std::string> classes_from(const std::string& words, std::size_t k) {
  const auto orders = class_order_names();
  if (std::find(orders.begin(), orders.end(), words) != orders.end()) {
    if (auto classes = classes_of_order(words, k)) return *classes;
    fail_usage(fmt::format("Class order {} is not defined for the file's {} classes.", quote(words), k),
               "Give the classes in the order of the file, separated by commas.");
  }
  std::vector<std::string> classes;
  for (const auto& word : split(words, ',')) {
    const auto expression = expression_from(trim(word));
    if (!expression)
      fail_usage(fmt::format("Class {} is neither an expression nor a known order.", quote(trim(word))),
                 fmt::format("Orders: {}; or expressions separated by commas.", join(orders, ", ")));
    classes.emplace_back(to_string(*expression));
    if (std::count(classes.begin(), classes.end(), classes.back()) > 1)
      fail_usage(fmt::format("Class {} is given twice.", quote(classes.back())));
  }
  if (classes.size() != k)
    fail_usage(fmt::format("{} classes are given, but the file has {}.", classes.size(), k),
               "Give all classes, in the order of the file's outputs.");
  return classes;
}

}  // namespace mien::face
