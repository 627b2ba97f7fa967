// SPDX-License-Identifier: Apache-2.0
// A plot as inline SVG: axes with round ticks, and marks in data coordinates. Colours come from the page's style sheet.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/report/html.h"

namespace mien::report {

struct Axis {
  std::string label;         ///< quantity and unit: "epoch", "error among the answered, %"
  double low = 0, high = 1;  ///< low < high; grown to a point of the ticks by nice_axis()
  bool whole = false;        ///< ticks at whole numbers only
};
/// An axis that holds all finite values, with a little room, its ends on round numbers; {0, 1} for no value.
Axis nice_axis(std::string label, std::span<const double> values, bool from_zero, bool whole = false);
/// Round tick values inside low..high, about `wanted` of them (steps of 1, 2 or 5 times a power of ten).
std::vector<double> nice_ticks(double low, double high, int wanted, bool whole = false);

class Plot {
 public:
  /// `meaning` says in words what is drawn, for those who do not see it. Height in units of a width of 440.
  Plot(Axis x, Axis y, std::string_view meaning, int height = 270);

  /// A curve through the points; one that is not finite interrupts it.
  void curve(std::span<const double> x, std::span<const double> y, int colour, bool dashed = false);
  void point(double x, double y, int colour, std::string_view hint = {}, double radius = 3);
  void whisker(double x, double low, double high, int colour);
  /// A filled bar from y = bottom to top.
  void bar(double left, double right, double bottom, double top, int colour, std::string_view hint = {});
  /// A dashed straight line, for orientation, and its words at the end point.
  void guide(double x0, double y0, double x1, double y1, std::string_view words = {});
  Html finish() const;

 private:
  double base() const;  ///< of the x axis, from the top
  double at_x(double x) const;
  double at_y(double y) const;
  void draw_axes();

  Axis x_, y_;
  std::string meaning_;
  int height_;
  double left_;
  std::string marks_;
};

struct LegendEntry {
  std::string name;
  int colour = 0;
  bool dashed = false;
};
Html legend(const std::vector<LegendEntry>& entries);

}  // namespace mien::report
