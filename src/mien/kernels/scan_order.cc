// SPDX-License-Identifier: Apache-2.0
#include "mien/kernels/scan_order.h"

#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <mutex>

#include "mien/base/error.h"

namespace mien::kernels {
namespace {

constexpr std::size_t kKept = 16;  // map sizes: a network has four, mixed picture sizes need more

struct Orders {
  int count, height, width;
  std::shared_ptr<const std::vector<std::int32_t>> table;
};

bool is_reversed(Direction direction) {
  return direction == Direction::rows_reversed || direction == Direction::columns_reversed ||
         direction == Direction::diagonals_reversed || direction == Direction::antidiagonals_reversed;
}

/// Column of the pixel in row i of column-like sequence w.
int column(Direction direction, int i, int w, int width) {
  switch (direction) {
    case Direction::diagonals:
    case Direction::diagonals_reversed:
      return (i + w) % width;
    case Direction::antidiagonals:
    case Direction::antidiagonals_reversed:
      return ((w - i) % width + width) % width;
    default:
      return w;
  }
}

std::shared_ptr<const std::vector<std::int32_t>> make_orders(int count, int height, int width) {
  auto table = std::make_shared<std::vector<std::int32_t>>();
  for (const Direction direction : scan_directions(count)) {
    const auto order = scan_order(direction, height, width);
    table->insert(table->end(), order.begin(), order.end());
  }
  return table;
}

}  // namespace

std::string_view to_string(Direction direction) {
  switch (direction) {
    case Direction::rows:
      return "rows";
    case Direction::columns:
      return "columns";
    case Direction::rows_reversed:
      return "rows reversed";
    case Direction::columns_reversed:
      return "columns reversed";
    case Direction::diagonals:
      return "diagonals";
    case Direction::antidiagonals:
      return "antidiagonals";
    case Direction::diagonals_reversed:
      return "diagonals reversed";
    case Direction::antidiagonals_reversed:
      return "antidiagonals reversed";
  }
  return "";
}

std::vector<Direction> scan_directions(int count) {
  using enum Direction;
  switch (count) {
    case 8:
      return {rows,      columns,       rows_reversed,      columns_reversed,
              diagonals, antidiagonals, diagonals_reversed, antidiagonals_reversed};
    case 4:
      return {rows, columns, rows_reversed, columns_reversed};
    case 2:
      return {rows, rows_reversed};
    case 1:
      return {rows};
    default:
      fail_usage(fmt::format("A selective scan has 1, 2, 4 or 8 directions, not {}.", count));
  }
}

std::vector<std::int32_t> scan_order(Direction direction, int height, int width) {
  std::vector<std::int32_t> order;
  order.reserve(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
  if (direction == Direction::rows || direction == Direction::rows_reversed) {
    for (std::int32_t p = 0; p < height * width; ++p) order.push_back(p);
  } else {
    for (int w = 0; w < width; ++w)
      for (int i = 0; i < height; ++i) order.push_back(i * width + column(direction, i, w, width));
  }
  if (is_reversed(direction)) std::reverse(order.begin(), order.end());
  return order;
}

std::shared_ptr<const std::vector<std::int32_t>> scan_orders(int count, int height, int width) {
  static std::mutex mutex;
  static std::deque<Orders> kept;
  const std::lock_guard lock(mutex);
  for (const Orders& orders : kept)
    if (orders.count == count && orders.height == height && orders.width == width) return orders.table;
  kept.push_front({count, height, width, make_orders(count, height, width)});
  if (kept.size() > kKept) kept.pop_back();
  return kept.front().table;
}

}  // namespace mien::kernels
