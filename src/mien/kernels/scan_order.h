// SPDX-License-Identifier: Apache-2.0
// The order in which a direction of the omnidirectional scan visits the pixels of a map (FER-YOLO-Mamba's OSS block,
// card 2.2).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace mien::kernels {

/// In the order of the parameters. Diagonals are cyclic shears: each holds one pixel of every row and wraps at the
/// border, so they are permutations for every height and width.
enum class Direction {
  rows,
  columns,
  rows_reversed,
  columns_reversed,
  diagonals,
  antidiagonals,
  diagonals_reversed,
  antidiagonals_reversed
};

std::string_view to_string(Direction direction);  ///< "rows", "diagonals reversed"

/// The directions of a scan with `count` of them: 8 all; 4 rows and columns with their reverses; 2 rows and their
/// reverse; 1 rows. Throws usage for any other count.
std::vector<Direction> scan_directions(int count);

/// Sequence position → row-major pixel, height × width entries.
std::vector<std::int32_t> scan_order(Direction direction, int height, int width);

/// The orders of scan_directions(count), one after the other. Cached for the most recent sizes; thread-safe.
std::shared_ptr<const std::vector<std::int32_t>> scan_orders(int count, int height, int width);

}  // namespace mien::kernels
