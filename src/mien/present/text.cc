// SPDX-License-Identifier: Apache-2.0
#include "mien/present/text.h"

#include <algorithm>
#include <cmath>
#include <vector>

#define STBTT_STATIC
#define STB_TRUETYPE_IMPLEMENTATION
#include <stb/stb_truetype.h>

// The two font files, put into the program by the assembler: MIEN_FONT_* are their paths (CMakeLists.txt).
asm(".section .rodata\n"
    "mien_font_regular: .incbin \"" MIEN_FONT_REGULAR
    "\"\n"
    "mien_font_bold: .incbin \"" MIEN_FONT_BOLD
    "\"\n"
    ".byte 0\n"
    ".previous\n");
extern "C" const unsigned char mien_font_regular[];
extern "C" const unsigned char mien_font_bold[];

#include "mien/base/utf8.h"

namespace mien::present {
namespace {

const stbtt_fontinfo& font(bool is_bold) {
  static const auto load = [](const unsigned char* bytes) {
    stbtt_fontinfo info{};
    stbtt_InitFont(&info, bytes, 0);
    return info;
  };
  static const stbtt_fontinfo regular = load(mien_font_regular), bold = load(mien_font_bold);
  return is_bold ? bold : regular;
}

/// What is not UTF-8, and control characters, become U+FFFD.
std::vector<int> code_points(std::string_view s) {
  std::vector<int> out;
  while (!s.empty()) {
    const Utf8Character c = first_character(s);
    out.push_back(static_cast<int>(c.code >= 32 ? c.code : kReplacementCharacter));
    s.remove_prefix(c.bytes);
  }
  return out;
}

std::string utf8_text(const std::vector<int>& points, std::size_t first, std::size_t last) {
  std::string out;
  for (std::size_t i = first; i < last; ++i) out += utf8_of(static_cast<std::uint32_t>(points[i]));
  return out;
}

/// Calls `place(glyph, x)` for each letter, x in pixels from the start; gives the whole width.
template <typename Place>
double lay_out(std::string_view utf8, const TextStyle& style, const Place& place) {
  const stbtt_fontinfo& f = font(style.is_bold);
  const double scale = stbtt_ScaleForMappingEmToPixels(&f, static_cast<float>(style.size));
  double x = 0;
  int previous = 0;
  for (const int c : code_points(utf8)) {
    const int glyph = stbtt_FindGlyphIndex(&f, c);
    int advance = 0, bearing = 0;
    stbtt_GetGlyphHMetrics(&f, glyph, &advance, &bearing);
    if (previous) x += scale * stbtt_GetGlyphKernAdvance(&f, previous, glyph);
    place(glyph, x);
    x += scale * advance;
    previous = glyph;
  }
  return x;
}

void draw_glyph(cv::Mat& image, int glyph, double x, double y, const TextStyle& style) {
  const stbtt_fontinfo& f = font(style.is_bold);
  const float scale = stbtt_ScaleForMappingEmToPixels(&f, static_cast<float>(style.size));
  const double whole = std::floor(x);
  const auto shift = static_cast<float>(x - whole);
  int left = 0, top = 0, right = 0, bottom = 0;
  stbtt_GetGlyphBitmapBoxSubpixel(&f, glyph, scale, scale, shift, 0, &left, &top, &right, &bottom);
  const int width = right - left, height = bottom - top;
  if (width <= 0 || height <= 0) return;
  std::vector<unsigned char> ink(static_cast<std::size_t>(width) * height);
  stbtt_MakeGlyphBitmapSubpixel(&f, ink.data(), width, height, width, scale, scale, shift, 0, glyph);
  const int origin_x = static_cast<int>(whole) + left, origin_y = static_cast<int>(std::lround(y)) + top;
  for (int v = std::max(0, -origin_y); v < std::min(height, image.rows - origin_y); ++v)
    for (int u = std::max(0, -origin_x); u < std::min(width, image.cols - origin_x); ++u) {
      const double alpha = ink[static_cast<std::size_t>(v) * width + u] / 255.0;
      auto& pixel = image.at<cv::Vec3b>(origin_y + v, origin_x + u);
      for (int c = 0; c < 3; ++c)
        pixel[c] = cv::saturate_cast<unsigned char>(pixel[c] * (1 - alpha) + style.colour[c] * alpha);
    }
}

}  // namespace

double text_width(std::string_view utf8, const TextStyle& style) {
  return lay_out(utf8, style, [](int, double) {});
}

void draw_text(cv::Mat& image, double x, double y, std::string_view utf8, const TextStyle& style) {
  lay_out(utf8, style, [&](int glyph, double shift) { draw_glyph(image, glyph, x + shift, y, style); });
}

std::string shortened(std::string_view utf8, const TextStyle& style, double width) {
  const std::vector<int> points = code_points(utf8);
  if (text_width(utf8, style) <= width) return utf8_text(points, 0, points.size());
  for (std::size_t kept = points.size(); kept > 1; --kept) {
    const std::size_t head = kept - kept / 2;
    const std::string candidate =
        utf8_text(points, 0, head) + "…" + utf8_text(points, points.size() - kept / 2, points.size());
    if (text_width(candidate, style) <= width) return candidate;
  }
  return "…";
}

}  // namespace mien::present
