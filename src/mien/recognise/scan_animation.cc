// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/scan_animation.h"

#include <algorithm>
#include <cmath>

#include "mien/base/text.h"
#include "mien/kernels/scan_order.h"
#include "mien/report/page.h"

namespace mien::recognise {
namespace {

using report::Html;

constexpr int kMostCells = 10, kCell = 14, kSeconds = 6;

/// From pale blue to dark blue.
std::string colour(double t) {
  const auto mix = [&](int pale, int dark) { return std::lround(pale + (dark - pale) * t); };
  return text("rgb(", mix(206, 16), ",", mix(224, 42), ",", mix(244, 110), ")");
}

Html drawing(kernels::Direction direction, int rows, int columns) {
  const auto order = kernels::scan_order(direction, rows, columns);
  const auto length = static_cast<double>(order.size());
  std::string cells;
  for (std::size_t t = 0; t < order.size(); ++t) {
    const double part = static_cast<double>(t) / length;
    cells += text("<rect x=\"", order[t] % columns * kCell, "\" y=\"", order[t] / columns * kCell, "\" width=\"",
                  kCell - 1, "\" height=\"", kCell - 1, "\" fill=\"", colour(part), "\">");
    // The last tenth of the time shows the whole map.
    if (t > 0)
      cells += text("<animate attributeName=\"opacity\" calcMode=\"discrete\" values=\"0.08;1\" keyTimes=\"0;",
                    fixed(0.9 * part, 4), "\" dur=\"", kSeconds, "s\" repeatCount=\"indefinite\"/>");
    cells += "</rect>";
  }
  const std::string name(kernels::to_string(direction));
  return report::tag("figure style=\"margin: 0\"",
                     Html::raw(text("<svg viewBox=\"0 0 ", columns * kCell, " ", rows * kCell, "\" width=\"",
                                    columns * kCell, "\" height=\"", rows * kCell,
                                    "\" role=\"img\" aria-label=\"order of the scan: ", name, "\">", cells, "</svg>")) +
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

}  // namespace mien::recognise
