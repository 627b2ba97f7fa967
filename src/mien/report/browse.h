// SPDX-License-Identifier: Apache-2.0
// Filters and orders for the items of a section (rows of a table, pictures of a gallery). They work by the style sheet
// alone, since a page runs no script: each choice is a radio button, and rules with :has() hide or order the items.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mien/report/html.h"

namespace mien::report {

class Browsing {
 public:
  /// "Expression" with the choices "neutral", …; "all" is added.
  void add_filter(std::string title, std::vector<std::string> choices);
  /// The first order is the one in force when the page is opened.
  void add_order(std::string title);

  /// What an item shows to the filters and orders.
  struct Item {
    std::vector<std::vector<std::size_t>> choices;  ///< of each filter, those that show the item
    std::vector<std::size_t> ranks;                 ///< its place in each order
  };
  /// Attributes for the item's tag, with a space in front: ` class="item f0-2" style="--o0:7"`.
  std::string attributes(const Item& item) const;
  /// The radio buttons.
  Html controls() const;
  /// Rules for Page::add_rules(). The buttons must be in the same section as the items.
  std::string rules() const;

 private:
  struct Filter {
    std::string title;
    std::vector<std::string> choices;
  };
  std::vector<Filter> filters_;
  std::vector<std::string> orders_;
};

}  // namespace mien::report
