// SPDX-License-Identifier: Apache-2.0
#include "mien/score/intervals.h"

#include <algorithm>
#include <cmath>

#include "mien/base/random.h"

namespace mien::score {
namespace {

std::optional<Share> share_of(std::int64_t hits, std::int64_t n) {
  if (n == 0) return std::nullopt;
  return Share{static_cast<double>(hits) / static_cast<double>(n), wilson_interval(hits, n)};
}

std::optional<double> f1_of(const Confusion& c, std::size_t k) {
  const auto both = c.row_sum(k) + c.column_sum(k);
  if (both == 0) return std::nullopt;
  return 2.0 * static_cast<double>(c.at(k, k)) / static_cast<double>(both);
}

/// The cell (truth, prediction) of each picture.
std::vector<std::size_t> cells_of(const Confusion& c) {
  std::vector<std::size_t> cells;
  cells.reserve(static_cast<std::size_t>(c.total()));
  const std::size_t k = c.num_classes();
  for (std::size_t cell = 0; cell < k * k; ++cell)
    cells.insert(cells.end(), static_cast<std::size_t>(c.at(cell / k, cell % k)), cell);
  return cells;
}

Interval middle_95(std::vector<double>& values) {
  if (values.empty()) return {0, 1};
  std::sort(values.begin(), values.end());
  const auto at = [&](double q) {
    return values[static_cast<std::size_t>(std::lround(q * static_cast<double>(values.size() - 1)))];
  };
  return {at(0.025), at(0.975)};
}

}  // namespace

Interval wilson_interval(std::int64_t hits, std::int64_t n) {
  if (n <= 0) return {0, 1};
  constexpr double z = 1.959963984540054;  // 97.5 % point of the normal distribution
  const double size = static_cast<double>(n), p = static_cast<double>(hits) / size;
  const double centre = p + z * z / (2 * size);
  const double half = z * std::sqrt(p * (1 - p) / size + z * z / (4 * size * size));
  const double scale = 1 + z * z / size;
  return {std::max(0.0, (centre - half) / scale), std::min(1.0, (centre + half) / scale)};
}

std::vector<ClassFigures> class_figures(const Confusion& confusion, int resamples, std::uint64_t seed) {
  const std::size_t k = confusion.num_classes();
  std::vector<ClassFigures> figures(k);
  const auto cells = cells_of(confusion);
  std::vector<std::vector<double>> drawn(k);
  Random random = Random::stream(seed, "bootstrap F1");
  for (int draw = 0; draw < resamples && !cells.empty(); ++draw) {
    Confusion resampled(k);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::size_t cell = cells[random.below(cells.size())];
      resampled.add(cell / k, cell % k);
    }
    for (std::size_t c = 0; c < k; ++c)
      if (const auto f1 = f1_of(resampled, c)) drawn[c].push_back(*f1);
  }
  for (std::size_t c = 0; c < k; ++c) {
    auto& f = figures[c];
    f.pictures = confusion.row_sum(c);
    f.predicted = confusion.column_sum(c);
    f.recall = share_of(confusion.at(c, c), f.pictures);
    f.precision = share_of(confusion.at(c, c), f.predicted);
    if (const auto f1 = f1_of(confusion, c)) f.f1 = Share{*f1, middle_95(drawn[c])};
  }
  return figures;
}

}  // namespace mien::score
