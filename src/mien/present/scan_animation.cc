// SPDX-License-Identifier: Apache-2.0
#include "mien/present/scan_animation.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/kernels/scan_order.h"
#include "mien/report/page.h"

namespace mien::present {
namespace {

using report::Html;

constexpr int kMostCells = 10, kCell = 14, kSeconds = 6;

/// From pale blue to dark blue.
std::string colour(double t) {
  const auto mix = [&](int pale, int dark) { return std::lround(pale + (dark - pale) * t); };
  return fmt::format("rgb({},{},{})", mix(206, 16), mix(224, 42), mix(244, 110));
}

Html drawing(kernels::Direction direction, int rows, int columns) {
  const auto order = kernels::scan_order(direction, rows, columns);
  const auto length = static_cast<double>(order.size());
  std::string cells;
  for (std::size_t t = 0; t < order.size(); ++t) {
    const double part = static_cast<double>(t) / length;
    cells += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\">", order[t] % columns * kCell,
                         order[t] / columns * kCell, kCell - 1, kCell - 1, colour(part));
    // The last tenth of the time shows the whole map.
    if (t > 0)
      cells += fmt::format(
          "<animate attributeName=\"opacity\" calcMode=\"discrete\" values=\"0.08;1\" keyTimes=\"0;{:.4f}\" "
          "dur=\"{}s\" repeatCount=\"indefinite\"/>",
          0.9 * part, kSeconds);
    cells += "</rect>";
  }
  const std::string name(kernels::to_string(direction));
  return report::tag("figure style=\"margin: 0\"",
                     Html::raw(fmt::format("<svg viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" role=\"img\" "
                                           "aria-label=\"order of the scan: {}\">{}</svg>",
                                           columns * kCell, rows * kCell, columns * kCell, rows * kCell, name, cells)) +
                         report::tag("figcaption", name));
}

}  // namespace

Html scan_animation(int directions, int rows, int columns) {
  const double factor = std::min(1.0, static_cast<double>(kMostCells) / std::max(rows, columns));
  const auto reduced = [&](int n) { return std::max(1, static_cast<int>(std::lround(n * factor))); };
  Html all;
  for (const auto direction : kernels::scan_directions(directions))
    all += drawing(direction, reduced(rows), reduced(columns));
  return report::tag("div style=\"display: flex; flex-wrap: wrap; gap: 18px\"", all);
}

}  // namespace mien::present
