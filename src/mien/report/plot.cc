// SPDX-License-Identifier: Apache-2.0
#include "mien/report/plot.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/base/text.h"
#include "mien/report/style.h"

namespace mien::report {
namespace {

constexpr double kWidth = 440, kTop = 10, kRight = 12, kBottom = 42, kBottomBare = 24;
constexpr double kLetter = 6.4;  // width of a digit at the style's font size

std::string number(double v) { return fixed(v, 1); }
std::string colour_of(int index) { return fmt::format("var(--s{})", index % kNumSeriesColours); }
std::string dashes(bool dashed) { return dashed ? " stroke-dasharray=\"5 3\"" : ""; }

double step_for(double span, int wanted, bool whole) {
  const double raw = span / std::max(1, wanted), power = std::pow(10, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double multiple : {1.0, 2.0, 5.0})
    if (multiple * power >= raw * 0.999) {
      step = multiple * power;
      break;
    }
  return whole ? std::max(1.0, std::round(step)) : step;
}

/// As many decimals as the step between the ticks needs.
std::string tick_text(double value, double step) {
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 9);
  const std::string plain = fixed(value == 0 ? 0 : value, decimals);
  if (decimals <= 4) return plain;
  if (value == 0) return "0";
  const std::string s = fmt::format("{:.0e}", value);  // learning rates: 2e-5 is read, 0.00002 is counted
  const auto e = s.find('e');
  return s.substr(0, e) + "e" + (s[e + 1] == '-' ? "−" : "") + std::to_string(std::abs(std::stoi(s.substr(e + 1))));
}

std::string svg_text(double x, double y, const char* anchor, std::string_view words, std::string_view more = {}) {
  return fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\"{}>{}</text>", number(x), number(y), anchor, more,
                     escape(words).str());
}

int y_wanted(int height) { return height < 180 ? 2 : 5; }  // ticks that fit

std::string hint_of(std::string_view hint) { return hint.empty() ? "" : tag("title", hint).str(); }

}  // namespace

std::vector<double> nice_ticks(double low, double high, int wanted, bool whole) {
  std::vector<double> ticks;
  if (!(high > low)) return ticks;
  const double step = step_for(high - low, wanted, whole);
  for (double n = std::ceil(low / step - 1e-6); n * step <= high + step * 1e-6; ++n) ticks.push_back(n * step);
  return ticks;
}

Axis nice_axis(std::string label, std::span<const double> values, bool from_zero, bool whole) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const double v : values)
    if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
  if (low > high) return {std::move(label), 0, 1, whole};
  if (from_zero) low = std::min(0.0, low);
  if (high - low < 1e-12) high = low + std::max(whole ? 1.0 : 1e-9, std::abs(low) * 0.1);
  if (whole) return {std::move(label), low, high, true};
  const double step = step_for(high - low, 5, false);
  return {std::move(label), std::floor(low / step + 1e-6) * step, std::ceil(high / step - 1e-6) * step, false};
}

Plot::Plot(Axis x, Axis y, std::string_view meaning, int height)
    : x_(std::move(x)), y_(std::move(y)), meaning_(meaning), height_(height), left_(0) {
  std::size_t widest = 3;  // plots of small numbers stay aligned with each other
  const auto ticks = nice_ticks(y_.low, y_.high, y_wanted(height_), y_.whole);
  for (const double t : ticks)
    widest = std::max(widest, tick_text(t, ticks.size() > 1 ? ticks[1] - ticks[0] : 1).size());
  left_ = 30 + kLetter * static_cast<double>(widest);
  draw_axes();
}

double Plot::base() const { return height_ - (x_.label.empty() ? kBottomBare : kBottom); }
double Plot::at_x(double x) const { return left_ + (x - x_.low) / (x_.high - x_.low) * (kWidth - kRight - left_); }
double Plot::at_y(double y) const { return base() - (y - y_.low) / (y_.high - y_.low) * (base() - kTop); }

void Plot::draw_axes() {
  const double bottom = base(), right = kWidth - kRight;
  const auto ys = nice_ticks(y_.low, y_.high, y_wanted(height_), y_.whole),
             xs = nice_ticks(x_.low, x_.high, 6, x_.whole);
  for (const double t : ys) {
    marks_ += fmt::format("<path class=\"grid\" d=\"M{} {}H{}\"/>", number(left_), number(at_y(t)), number(right));
    marks_ += svg_text(left_ - 7, at_y(t) + 4, "end", tick_text(t, ys.size() > 1 ? ys[1] - ys[0] : 1));
  }
  for (const double t : xs) {
    marks_ += fmt::format("<path class=\"axis\" d=\"M{} {}v4\"/>", number(at_x(t)), number(bottom));
    marks_ += svg_text(at_x(t), bottom + 17, "middle", tick_text(t, xs.size() > 1 ? xs[1] - xs[0] : 1));
  }
  marks_ += fmt::format("<path class=\"axis\" d=\"M{} {}H{}\"/>", number(left_), number(bottom), number(right));
  if (!x_.label.empty()) marks_ += svg_text((left_ + right) / 2, height_ - 5, "middle", x_.label);
  const double middle = (kTop + bottom) / 2;
  marks_ += svg_text(11, middle, "middle", y_.label, fmt::format(" transform=\"rotate(-90 11 {})\"", number(middle)));
}

void Plot::curve(std::span<const double> x, std::span<const double> y, int colour, bool dashed) {
  std::string path;
  bool pen_down = false;
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    const bool finite = std::isfinite(x[i]) && std::isfinite(y[i]);
    if (finite) path += fmt::format("{}{} {}", pen_down ? "L" : "M", number(at_x(x[i])), number(at_y(y[i])));
    pen_down = finite;
  }
  if (!path.empty())
    marks_ += fmt::format("<path class=\"curve\" stroke=\"{}\"{} d=\"{}\"/>", colour_of(colour), dashes(dashed), path);
}

void Plot::point(double x, double y, int colour, std::string_view hint, double radius) {
  if (!std::isfinite(x) || !std::isfinite(y)) return;
  marks_ += fmt::format("<circle r=\"{:g}\" cx=\"{}\" cy=\"{}\" fill=\"{}\">{}</circle>", radius, number(at_x(x)),
                        number(at_y(y)), colour_of(colour), hint_of(hint));
}

void Plot::whisker(double x, double low, double high, int colour) {
  marks_ += fmt::format("<path class=\"whisker\" stroke=\"{}\" d=\"M{} {}V{}\"/>", colour_of(colour), number(at_x(x)),
                        number(at_y(low)), number(at_y(high)));
}

void Plot::bar(double left, double right, double bottom, double top, int colour, std::string_view hint) {
  marks_ +=
      fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\">{}</rect>", number(at_x(left) + 0.5),
                  number(at_y(top)), number(std::max(0.5, at_x(right) - at_x(left) - 1)),
                  number(at_y(bottom) - at_y(top)), colour_of(colour), hint_of(hint));
}

void Plot::guide(double x0, double y0, double x1, double y1, std::string_view words) {
  marks_ += fmt::format("<path class=\"guide\" d=\"M{} {}L{} {}\"/>", number(at_x(x0)), number(at_y(y0)),
                        number(at_x(x1)), number(at_y(y1)));
  if (!words.empty()) marks_ += svg_text(at_x(x1) - 2, at_y(y1) - 6, "end", words);
}

Html Plot::finish() const {
  return Html::raw(fmt::format("<svg class=\"plot\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">{}</svg>",
                               number(kWidth), height_, escape(meaning_).str(), marks_));
}

Html legend(const std::vector<LegendEntry>& entries) {
  Html out;
  for (const auto& e : entries)
    out += tag("span", Html::raw(fmt::format("<svg viewBox=\"0 0 22 8\" aria-hidden=\"true\"><path class=\"curve\" "
                                             "stroke=\"{}\"{} d=\"M1 4H21\"/></svg>",
                                             colour_of(e.colour), dashes(e.dashed))) +
                           escape(e.name));
  return tag("div class=\"legend\"", out);
}

}  // namespace mien::report
