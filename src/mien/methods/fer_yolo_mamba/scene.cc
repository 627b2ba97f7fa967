// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fer_yolo_mamba/scene.h"

#include <ATen/ops/_upsample_bicubic2d_aa.h>

#include <cmath>

#include "mien/batch/random.h"

namespace mien::methods::fer_yolo_mamba {
namespace {

constexpr double kShape = 0.3;                      // shape times (1 ± 0.3) / (1 ± 0.3)
constexpr double kScaleLow = 0.25, kScaleHigh = 2;  // of a single picture
constexpr double kMosaicLow = 0.4, kMosaicHigh = 1;
constexpr double kCutLow = 0.3, kCutHigh = 0.7;
constexpr double kSmallestMosaicSide = 2;

double draw(double lowest, double highest, at::Generator& g) {
  return batch::uniform(1, lowest, highest, g).item<double>();
}

struct Size {
  std::int64_t height, width;
};

/// A new size: the canvas times a scale for the longer side of the new shape, the other side by the shape.
Size draw_size(const Scene& scene, double scale_low, double scale_high, at::Generator& g) {
  const auto h = static_cast<double>(scene.pixels.size(1)), w = static_cast<double>(scene.pixels.size(2));
  const double shape = w / h * draw(1 - kShape, 1 + kShape, g) / draw(1 - kShape, 1 + kShape, g);
  const double scale = draw(scale_low, scale_high, g);
  double height = std::floor(scale * h), width = std::floor(height * shape);
  if (shape >= 1) {
    width = std::floor(scale * w);
    height = std::floor(width / shape);
  }
  return {std::max<std::int64_t>(static_cast<std::int64_t>(height), 1),
          std::max<std::int64_t>(static_cast<std::int64_t>(width), 1)};
}

at::Tensor canvas_like(const at::Tensor& pixels) { return at::full_like(pixels, kBorder); }

/// Copies the part of `picture` that lies on the canvas if its corner is at (top, left), which may be negative.
void paste(const at::Tensor& canvas, const at::Tensor& picture, std::int64_t top, std::int64_t left) {
  const std::int64_t y0 = std::max<std::int64_t>(top, 0), x0 = std::max<std::int64_t>(left, 0);
  const std::int64_t y1 = std::min(top + picture.size(1), canvas.size(1)),
                     x1 = std::min(left + picture.size(2), canvas.size(2));
  if (y1 <= y0 || x1 <= x0) return;
  canvas.slice(1, y0, y1).slice(2, x0, x1).copy_(picture.slice(1, y0 - top, y1 - top).slice(2, x0 - left, x1 - left));
}

/// Boxes scaled from one size to another and moved, in whole pixels (towards zero).
at::Tensor place(const at::Tensor& boxes, Size from, Size to, std::int64_t top, std::int64_t left) {
  const auto ratio_x = static_cast<double>(to.width) / static_cast<double>(from.width);
  const auto ratio_y = static_cast<double>(to.height) / static_cast<double>(from.height);
  const auto x = static_cast<double>(left), y = static_cast<double>(top);
  const at::Tensor scale = at::tensor({ratio_x, ratio_y, ratio_x, ratio_y}, boxes.options());
  const at::Tensor shift = at::tensor({x, y, x, y}, boxes.options());
  return at::cat({at::trunc(boxes.narrow(1, 0, 4) * scale + shift), boxes.narrow(1, 4, 1)}, 1);
}

Scene mirror(const Scene& scene) {
  const auto width = static_cast<double>(scene.pixels.size(2));
  const at::Tensor& b = scene.boxes;
  return {
      scene.pixels.flip({2}),
      at::stack({width - b.select(1, 2), b.select(1, 1), width - b.select(1, 0), b.select(1, 3), b.select(1, 4)}, 1)};
}

Scene mirror_half(const Scene& scene, at::Generator& g) {
  return batch::chance(1, 0.5, g).item<bool>() ? mirror(scene) : scene;
}

Size size_of(const Scene& scene) { return {scene.pixels.size(1), scene.pixels.size(2)}; }

/// Boxes clipped to the quadrant [left,right) × [top,bottom); boxes outside or with a side below 2 pixels are removed.
at::Tensor cut_to(const at::Tensor& boxes, double left, double top, double right, double bottom) {
  const at::Tensor x = boxes.index_select(1, at::tensor({0, 2}, at::kLong)).clamp(left, right);
  const at::Tensor y = boxes.index_select(1, at::tensor({1, 3}, at::kLong)).clamp(top, bottom);
  const at::Tensor wide = x.select(1, 1) - x.select(1, 0) >= kSmallestMosaicSide;
  const at::Tensor high = y.select(1, 1) - y.select(1, 0) >= kSmallestMosaicSide;
  const at::Tensor cut =
      at::stack({x.select(1, 0), y.select(1, 0), x.select(1, 1), y.select(1, 1), boxes.select(1, 4)}, 1);
  return cut.index({wide & high});
}

/// An 8-bit table look-up: whole numbers, truncated.
at::Tensor whole(const at::Tensor& t) { return at::trunc(t.clamp(0, 255)); }

struct Hsv {
  at::Tensor hue, saturation, value;  ///< 0..179, 0..255, 0..255, whole numbers
};

Hsv to_hsv(const at::Tensor& pixels) {
  const at::Tensor r = pixels[0], g = pixels[1], b = pixels[2];
  const at::Tensor value = at::amax(pixels, 0), range = value - at::amin(pixels, 0);
  const at::Tensor safe = range.clamp_min(1);
  const at::Tensor of_red = 60 * (g - b) / safe, of_green = 120 + 60 * (b - r) / safe,
                   of_blue = 240 + 60 * (r - g) / safe;
  at::Tensor hue = at::where(value == r, of_red, at::where(value == g, of_green, of_blue)) * (range > 0);
  hue = at::where(hue < 0, hue + 360, hue);
  return {at::round(hue / 2).remainder(180), at::round(255 * range / value.clamp_min(1)), value};
}

at::Tensor to_rgb(const Hsv& c) {
  const at::Tensor sector = c.hue / 30, chroma = c.value * c.saturation / 255;
  const auto channel = [&](double shift) {  // the common formula of HSV: value - chroma · max(0, min(k, 4 - k, 1))
    const at::Tensor k = (sector + shift).remainder(6);
    return at::round(c.value - chroma * at::minimum(k, 4 - k).clamp(0, 1));
  };
  return at::stack({channel(5), channel(3), channel(1)});
}

}  // namespace

at::Tensor resize(const at::Tensor& pixels, std::int64_t height, std::int64_t width) {
  if (pixels.size(1) == height && pixels.size(2) == width) return pixels;
  return at::_upsample_bicubic2d_aa(pixels.unsqueeze(0), {height, width}, /*align_corners=*/false)
      .squeeze(0)
      .round()
      .clamp(0, 255);
}

at::Tensor keep_inside(const at::Tensor& boxes, std::int64_t height, std::int64_t width) {
  const auto w = static_cast<double>(width), h = static_cast<double>(height);
  const at::Tensor limit = at::tensor({w, h, w, h}, boxes.options());
  const at::Tensor corners = at::minimum(boxes.narrow(1, 0, 4).clamp_min(0), limit);
  const at::Tensor wide = corners.select(1, 2) - corners.select(1, 0) > 1;
  const at::Tensor high = corners.select(1, 3) - corners.select(1, 1) > 1;
  return at::cat({corners, boxes.narrow(1, 4, 1)}, 1).index({wide & high});
}

at::Tensor scale_colours(const at::Tensor& pixels, double hue, double saturation, double value) {
  if (pixels.size(0) == 1) return whole(pixels * value);  // grey has neither hue nor saturation
  Hsv c = to_hsv(pixels);
  c.hue = at::trunc((c.hue * hue).remainder(180));
  c.saturation = whole(c.saturation * saturation);
  c.value = whole(c.value * value);
  return to_rgb(c);
}

at::Tensor jitter_colours(const at::Tensor& pixels, at::Generator& g) {
  const at::Tensor by = batch::uniform(3, -1, 1, g);
  const auto factor = [&](std::int64_t i, double strength) { return 1 + by[i].item<double>() * strength; };
  return scale_colours(pixels, factor(0, 0.1), factor(1, 0.7), factor(2, 0.4));
}

Scene augment(const Scene& scene, at::Generator& g) {
  const Size canvas_size = size_of(scene), size = draw_size(scene, kScaleLow, kScaleHigh, g);
  const auto somewhere = [&](std::int64_t room) {
    return static_cast<std::int64_t>(draw(0, 1, g) * static_cast<double>(room));
  };
  const std::int64_t left = somewhere(canvas_size.width - size.width),
                     top = somewhere(canvas_size.height - size.height);
  Scene out{canvas_like(scene.pixels), place(scene.boxes, canvas_size, size, top, left)};
  paste(out.pixels, resize(scene.pixels, size.height, size.width), top, left);
  out = mirror_half(out, g);
  return {jitter_colours(out.pixels, g), keep_inside(out.boxes, canvas_size.height, canvas_size.width)};
}

Scene mosaic(const std::array<Scene, 4>& scenes, at::Generator& g) {
  const Size canvas_size = size_of(scenes[0]);
  const auto cut_x = static_cast<std::int64_t>(static_cast<double>(canvas_size.width) * draw(kCutLow, kCutHigh, g));
  const auto cut_y = static_cast<std::int64_t>(static_cast<double>(canvas_size.height) * draw(kCutLow, kCutHigh, g));
  const at::Tensor canvas = canvas_like(scenes[0].pixels);
  std::vector<at::Tensor> boxes;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    const bool is_left = i == 0 || i == 1, is_top = i == 0 || i == 3;
    const Scene scene = scenes[i].boxes.size(0) > 0 ? mirror_half(scenes[i], g) : scenes[i];
    const Size size = draw_size(scene, kMosaicLow, kMosaicHigh, g);
    const std::int64_t left = is_left ? cut_x - size.width : cut_x, top = is_top ? cut_y - size.height : cut_y;
    const std::int64_t x0 = is_left ? 0 : cut_x, x1 = is_left ? cut_x : canvas_size.width;
    const std::int64_t y0 = is_top ? 0 : cut_y, y1 = is_top ? cut_y : canvas_size.height;
    const at::Tensor quadrant = canvas.slice(1, y0, y1).slice(2, x0, x1);
    paste(quadrant, resize(scene.pixels, size.height, size.width), top - y0, left - x0);
    const at::Tensor placed =
        keep_inside(place(scene.boxes, size_of(scene), size, top, left), canvas_size.height, canvas_size.width);
    boxes.push_back(cut_to(placed, static_cast<double>(x0), static_cast<double>(y0), static_cast<double>(x1),
                           static_cast<double>(y1)));
  }
  return {jitter_colours(canvas, g), at::cat(boxes)};
}

Scene mix(const Scene& a, const Scene& b) {
  return {at::trunc(a.pixels * 0.5 + b.pixels * 0.5), at::cat({a.boxes, b.boxes})};
}

}  // namespace mien::methods::fer_yolo_mamba
