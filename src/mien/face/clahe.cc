// SPDX-License-Identifier: Apache-2.0
#include "mien/face/clahe.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "mien/base/error.h"
#include "mien/base/json_number.h"
#include "mien/base/text.h"

namespace mien::face {
namespace {

constexpr int kBins = 256;
using Histogram = std::array<int, kBins>;
using Table = std::array<std::uint8_t, kBins>;  ///< grey value → equalised value

/// The tiles of a picture, with the border that makes its sides multiples of their number.
struct Grid {
  int tiles, width, height, tile_width, tile_height;

  Grid(int picture_width, int picture_height, int count) : tiles(count), width(picture_width), height(picture_height) {
    int padded_width = width, padded_height = height;
    if (width % tiles != 0 || height % tiles != 0) {
      padded_width += tiles - width % tiles;
      padded_height += tiles - height % tiles;
    }
    tile_width = padded_width / tiles;
    tile_height = padded_height / tiles;
  }
};

/// A position beyond the last pixel, mirrored back without repeating that pixel.
int mirrored(int at, int size) { return at < size ? at : 2 * size - 2 - at; }

Histogram histogram_of(std::span<const std::uint8_t> grey, const Grid& grid, int column, int row) {
  Histogram histogram{};
  for (int y = row * grid.tile_height; y < (row + 1) * grid.tile_height; ++y) {
    const auto line = grey.subspan(static_cast<std::size_t>(mirrored(y, grid.height)) * grid.width, grid.width);
    for (int x = column * grid.tile_width; x < (column + 1) * grid.tile_width; ++x)
      ++histogram[line[mirrored(x, grid.width)]];
  }
  return histogram;
}

/// Cuts the bins at the limit and spreads what was cut: evenly, and the rest over bins at equal distances.
void clip(Histogram& histogram, int limit) {
  int cut = 0;
  for (int& count : histogram) {
    cut += std::max(0, count - limit);
    count = std::min(count, limit);
  }
  const int share = cut / kBins;
  int rest = cut % kBins;
  for (int& count : histogram) count += share;
  if (rest == 0) return;
  const int step = std::max(kBins / rest, 1);
  for (int i = 0; i < kBins && rest > 0; i += step, --rest) ++histogram[i];
}

std::uint8_t rounded(float value) {
  return static_cast<std::uint8_t>(std::clamp(std::nearbyint(value), 0.0f, 255.0f));  // half to even
}

Table table_of(const Histogram& histogram, int pixels) {
  const float scale = static_cast<float>(kBins - 1) / static_cast<float>(pixels);
  Table table{};
  int sum = 0;
  for (int i = 0; i < kBins; ++i) {
    sum += histogram[i];
    table[i] = rounded(static_cast<float>(sum) * scale);
  }
  return table;
}

/// The tiles around a position, and the weight of the second.
struct Between {
  int first, second;
  float weight;
};

std::vector<Between> positions(int size, int tile_size, int tiles) {
  const float inverse = 1.0f / static_cast<float>(tile_size);
  std::vector<Between> out;
  for (int i = 0; i < size; ++i) {
    const float at = static_cast<float>(i) * inverse - 0.5f;
    const int first = static_cast<int>(std::floor(at));
    out.push_back({std::max(first, 0), std::min(first + 1, tiles - 1), at - static_cast<float>(first)});
  }
  return out;
}

}  // namespace

void equalise(std::span<std::uint8_t> grey, int width, int height, const ClaheRule& rule) {
  check_input(rule.clip_limit > 0 && rule.tiles >= 1 && rule.tiles <= 64,
              "Invalid parameters of contrast equalisation.");
  check_input(width > rule.tiles && height > rule.tiles &&
                  grey.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height),
              fmt::format("Contrast equalisation: {} bytes for {}x{} pixels and {} tiles per side.", grey.size(), width,
                          height, rule.tiles));
  const Grid grid(width, height, rule.tiles);
  const int pixels = grid.tile_width * grid.tile_height;
  const int limit = std::max(static_cast<int>(rule.clip_limit * pixels / kBins), 1);
  std::vector<Table> tables;
  for (int row = 0; row < rule.tiles; ++row)
    for (int column = 0; column < rule.tiles; ++column) {
      Histogram histogram = histogram_of(grey, grid, column, row);
      clip(histogram, limit);
      tables.push_back(table_of(histogram, pixels));
    }
  const auto columns = positions(width, grid.tile_width, rule.tiles);
  const auto rows = positions(height, grid.tile_height, rule.tiles);
  std::size_t next = 0;
  for (const Between& row : rows) {
    const Table* const upper = &tables[static_cast<std::size_t>(row.first) * rule.tiles];
    const Table* const lower = &tables[static_cast<std::size_t>(row.second) * rule.tiles];
    for (const Between& column : columns) {
      std::uint8_t& value = grey[next++];
      const auto mix = [&](const Table* line) {
        return static_cast<float>(line[column.first][value]) * (1.0f - column.weight) +
               static_cast<float>(line[column.second][value]) * column.weight;
      };
      value = rounded(mix(upper) * (1.0f - row.weight) + mix(lower) * row.weight);
    }
  }
}

Json to_json(const ClaheRule& rule) {
  return {{"name", "clahe"}, {"clip_limit", rule.clip_limit}, {"tiles", rule.tiles}};
}

ClaheRule clahe_rule_from_json(const Json& json, const std::string& origin) {
  const auto name = json_at<std::string>(json, "name", origin);
  check_input(name == "clahe", fmt::format("{}: unknown contrast step {}, expected clahe.", origin, quote(name)));
  const ClaheRule rule{json_number<double>(json, "clip_limit", origin), json_number<int>(json, "tiles", origin)};
  check_input(rule.clip_limit > 0 && rule.clip_limit <= 1000 && rule.tiles >= 1 && rule.tiles <= 64,
              fmt::format("{}: contrast step with clip limit {:g} and {} tiles; expected 0..1000 and 1..64.", origin,
                          rule.clip_limit, rule.tiles));
  return rule;
}

}  // namespace mien::face
