// SPDX-License-Identifier: Apache-2.0
#include "mien/kernels/scan_order.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "mien/base/error.h"

namespace mien::kernels {
namespace {

using testing::ElementsAre;

TEST(ScanOrder, HandCaseOfTheCard) {  // section 9: the 2 × 3 map 0..5
  EXPECT_THAT(scan_order(Direction::rows, 2, 3), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(scan_order(Direction::columns, 2, 3), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(scan_order(Direction::rows_reversed, 2, 3), ElementsAre(5, 4, 3, 2, 1, 0));
  EXPECT_THAT(scan_order(Direction::columns_reversed, 2, 3), ElementsAre(5, 2, 4, 1, 3, 0));
  EXPECT_THAT(scan_order(Direction::diagonals, 2, 3), ElementsAre(0, 4, 1, 5, 2, 3));
  EXPECT_THAT(scan_order(Direction::antidiagonals, 2, 3), ElementsAre(0, 5, 1, 3, 2, 4));
  EXPECT_THAT(scan_order(Direction::diagonals_reversed, 2, 3), ElementsAre(3, 2, 5, 1, 4, 0));
  EXPECT_THAT(scan_order(Direction::antidiagonals_reversed, 2, 3), ElementsAre(4, 2, 3, 1, 5, 0));
}

TEST(ScanOrder, EveryDirectionVisitsEveryPixelOnce) {
  const int sizes[][2] = {{1, 1}, {1, 7}, {7, 1}, {5, 7}, {7, 5}, {4, 4}, {13, 3}};
  for (const auto& [height, width] : sizes) {
    std::vector<std::int32_t> all(static_cast<std::size_t>(height * width));
    std::iota(all.begin(), all.end(), 0);
    for (const Direction direction : scan_directions(8)) {
      auto order = scan_order(direction, height, width);
      std::sort(order.begin(), order.end());
      EXPECT_EQ(order, all) << height << " × " << width;
    }
  }
}

TEST(ScanOrder, FewerDirectionsAreThoseOfTheCard) {
  using enum Direction;
  EXPECT_THAT(scan_directions(4), ElementsAre(rows, columns, rows_reversed, columns_reversed));
  EXPECT_THAT(scan_directions(2), ElementsAre(rows, rows_reversed));
  EXPECT_THAT(scan_directions(1), ElementsAre(rows));
  EXPECT_THROW(scan_directions(3), Error);
}

TEST(ScanOrder, TablesAreKept) {
  const auto table = scan_orders(4, 3, 4);
  EXPECT_EQ(table->size(), 48u);
  EXPECT_EQ(table, scan_orders(4, 3, 4));
  EXPECT_NE(*table, *scan_orders(4, 4, 3));
}

}  // namespace
}  // namespace mien::kernels
