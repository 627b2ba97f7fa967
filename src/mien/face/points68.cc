// SPDX-License-Identifier: Apache-2.0
#include "mien/face/points68.h"

#include <utility>

namespace mien::face {
namespace {

using Mirror = std::array<std::size_t, kNumPoints68>;

void reverse(Mirror& table, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i <= last; ++i) table[i] = first + last - i;
}

void swap(Mirror& table, std::size_t a, std::size_t b) {
  table[a] = b;
  table[b] = a;
}

Mirror make_table() {
  Mirror table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = i;
  reverse(table, 0, 16);   // jaw
  reverse(table, 17, 26);  // both brows
  reverse(table, 31, 35);  // nostrils; the bridge 27..30 is on the axis
  for (const auto& [left, right] :
       {std::pair<std::size_t, std::size_t>{36, 45}, {37, 44}, {38, 43}, {39, 42}, {40, 47}, {41, 46}})
    swap(table, left, right);
  reverse(table, 48, 54);  // upper edge of the outer lips
  reverse(table, 55, 59);  // lower edge
  reverse(table, 60, 64);  // inner lips
  reverse(table, 65, 67);
  return table;
}

}  // namespace

const std::array<std::size_t, kNumPoints68>& mirrored_points68() {
  static const Mirror table = make_table();
  return table;
}

}  // namespace mien::face
