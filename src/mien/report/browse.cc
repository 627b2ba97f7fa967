// SPDX-License-Identifier: Apache-2.0
#include "mien/report/browse.h"

#include <fmt/core.h>

namespace mien::report {
namespace {

/// One radio button; those of a group have one name.
Html button(const std::string& group, const std::string& id, bool is_checked, const std::string& label) {
  const std::string input =
      fmt::format("<input type=\"radio\" name=\"{}\" id=\"{}\"{}", group, id, is_checked ? " checked>" : ">");
  return tag("label", Html::raw(input) + escape(label));
}

Html group(const std::string& title, const Html& buttons) { return tag("fieldset", tag("legend", title) + buttons); }

std::string filter_id(std::size_t filter, std::size_t choice) { return fmt::format("f{}-{}", filter, choice); }
std::string order_id(std::size_t order) { return fmt::format("o{}", order); }

}  // namespace

void Browsing::add_filter(std::string title, std::vector<std::string> choices) {
  filters_.push_back({std::move(title), std::move(choices)});
}

void Browsing::add_order(std::string title) { orders_.push_back(std::move(title)); }

std::string Browsing::attributes(const Item& item) const {
  std::string classes = "item", style;
  for (std::size_t f = 0; f < filters_.size(); ++f)
    for (const std::size_t choice : item.choices.at(f)) classes += " " + filter_id(f, choice);
  for (std::size_t o = 0; o < orders_.size(); ++o)
    style += fmt::format("{}--{}:{}", o > 0 ? ";" : "", order_id(o), item.ranks.at(o));
  return fmt::format(" class=\"{}\"{}", classes, style.empty() ? "" : " style=\"" + style + "\"");
}

Html Browsing::controls() const {
  Html out;
  for (std::size_t f = 0; f < filters_.size(); ++f) {
    const std::string name = fmt::format("f{}", f);
    Html buttons = button(name, name + "-all", true, "all");
    for (std::size_t c = 0; c < filters_[f].choices.size(); ++c)
      buttons += button(name, filter_id(f, c), false, filters_[f].choices[c]);
    out += group(filters_[f].title, buttons);
  }
  Html buttons;
  for (std::size_t o = 0; o < orders_.size(); ++o) buttons += button("order", order_id(o), o == 0, orders_[o]);
  if (!orders_.empty()) out += group("Order", buttons);
  return tag("form class=\"browse\"", out);
}

std::string Browsing::rules() const {
  std::string out;
  for (std::size_t f = 0; f < filters_.size(); ++f)
    for (std::size_t c = 0; c < filters_[f].choices.size(); ++c)
      out += fmt::format("section:has(#{}:checked) .item:not(.{}) {{ display: none; }}\n", filter_id(f, c),
                         filter_id(f, c));
  for (std::size_t o = 0; o < orders_.size(); ++o)
    out += fmt::format("section:has(#{}:checked) .item {{ order: var(--{}); }}\n", order_id(o), order_id(o));
  return out;
}

}  // namespace mien::report
