// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/pillow.h"

namespace mien::batch::pillow {
namespace {

/// (B) → (B,1,1,1)
at::Tensor per_picture(const at::Tensor& amount) { return amount.view({-1, 1, 1, 1}); }

at::Tensor blend(const at::Tensor& degenerate, const at::Tensor& images, const at::Tensor& factor) {
  return (degenerate + per_picture(factor) * (images - degenerate)).clamp(0, 255).floor();
}

/// Affine matrices from their six entries, each (B).
at::Tensor matrix_of(const at::Tensor& a, const at::Tensor& b, const at::Tensor& c, const at::Tensor& d,
                     const at::Tensor& e, const at::Tensor& f) {
  return at::stack({at::stack({a, b, c}, 1), at::stack({d, e, f}, 1)}, 1);
}

}  // namespace

at::Tensor auto_contrast(const at::Tensor& images) {
  const at::Tensor x = images.to(at::kDouble), low = x.amin({2, 3}, true), range = x.amax({2, 3}, true) - low;
  const at::Tensor scale = 255.0 / range.clamp_min(1);
  const at::Tensor stretched = (x * scale - low * scale).clamp(0, 255).floor();
  return at::where(range > 0, stretched, x).to(at::kFloat);
}

at::Tensor equalize(const at::Tensor& images) {
  const std::int64_t n = images.size(0) * images.size(1), pixels = images.size(2) * images.size(3);
  const at::Tensor values = images.to(at::kLong).view({n, pixels});
  const at::Tensor histogram = at::zeros({n, 256}, at::kLong).scatter_add_(1, values, at::ones_like(values));
  const at::Tensor brightest = values.amax(1, /*keepdim=*/true);
  const at::Tensor step = (pixels - histogram.gather(1, brightest)).floor_divide(255);
  const at::Tensor below = histogram.cumsum(1) - histogram;
  const at::Tensor table = (step.floor_divide(2) + below).floor_divide(step.clamp_min(1)).clamp_max(255);
  const at::Tensor chosen = at::where(step > 0, table.gather(1, values), values);
  return chosen.view(images.sizes()).to(at::kFloat);
}

at::Tensor invert(const at::Tensor& images) { return 255 - images; }

at::Tensor posterize(const at::Tensor& images, const at::Tensor& bits) {
  const at::Tensor step = per_picture(at::pow(2.0, 8 - bits)).to(at::kFloat);
  return (images / step).floor() * step;
}

at::Tensor solarize(const at::Tensor& images, const at::Tensor& threshold) {
  return at::where(images < per_picture(threshold), images, 255 - images);
}

at::Tensor solarize_add(const at::Tensor& images, const at::Tensor& amount) {
  return at::where(images < 128, (images + per_picture(amount)).clamp_max(255), images);
}

at::Tensor grey(const at::Tensor& images) {
  if (images.size(1) == 1) return images;
  const at::Tensor weights = torch::tensor({19595.0, 38470.0, 7471.0}, at::kDouble).view({1, 3, 1, 1});
  return (((images.to(at::kDouble) * weights).sum(1, /*keepdim=*/true) + 32768) / 65536).floor().to(at::kFloat);
}

at::Tensor color(const at::Tensor& images, const at::Tensor& factor) {
  return images.size(1) == 1 ? images : blend(grey(images), images, factor);
}

at::Tensor contrast(const at::Tensor& images, const at::Tensor& factor) {
  const at::Tensor mean = (grey(images).to(at::kDouble).mean({1, 2, 3}, /*keepdim=*/true) + 0.5).floor().to(at::kFloat);
  return blend(mean, images, factor);
}

at::Tensor brightness(const at::Tensor& images, const at::Tensor& factor) {
  return blend(at::zeros_like(images), images, factor);
}

at::Tensor hue(const at::Tensor& images, const at::Tensor& shift) {
  if (images.size(1) == 1) return images;
  const at::Tensor r = images.select(1, 0), g = images.select(1, 1), b = images.select(1, 2);
  const at::Tensor value = images.amax(1), range = value - images.amin(1), divisor = range.clamp_min(1);
  const auto lack = [&](const at::Tensor& channel) { return (value - channel) / divisor; };
  const at::Tensor sixths =
      at::where(r == value, lack(b) - lack(g), at::where(g == value, 2 + lack(r) - lack(b), 4 + lack(g) - lack(r)));
  const at::Tensor angle = ((sixths / 6 + 1).remainder(1) * 255).floor();
  const at::Tensor saturation = (range / value.clamp_min(1) * 255).floor() / 255;
  const at::Tensor turned = (angle + (shift.view({-1, 1, 1}) * 255).trunc()).remainder(256) * 6 / 255;
  const at::Tensor sector = turned.floor(), part = turned - sector;
  const at::Tensor p = (value * (1 - saturation)).round(), q = (value * (1 - saturation * part)).round(),
                   t = (value * (1 - saturation * (1 - part))).round();
  // Red, green and blue of the six sectors.
  const at::Tensor choices =
      at::stack({at::stack({value, t, p}, 1), at::stack({q, value, p}, 1), at::stack({p, value, t}, 1),
                 at::stack({p, q, value}, 1), at::stack({t, p, value}, 1), at::stack({value, p, q}, 1)});
  const at::Tensor chosen = sector.remainder(6).to(at::kLong).unsqueeze(1).expand_as(images).unsqueeze(0);
  return at::where((range > 0).unsqueeze(1), choices.gather(0, chosen).squeeze(0), images);
}

at::Tensor smooth_inside(const at::Tensor& images) {
  const std::int64_t c = images.size(1);
  at::Tensor kernel = at::ones({c, 1, 3, 3}) / 13;
  kernel.slice(2, 1, 2).slice(3, 1, 2).fill_(5.0 / 13);
  return at::conv2d(images, kernel, {}, at::IntArrayRef(1), at::IntArrayRef(0), at::IntArrayRef(1), c);
}

at::Tensor sharpness(const at::Tensor& images, const at::Tensor& factor) {
  at::Tensor smooth = images.clone();  // the outermost pixels stay
  smooth.slice(2, 1, images.size(2) - 1).slice(3, 1, images.size(3) - 1).copy_((smooth_inside(images) + 0.5).floor());
  return blend(smooth, images, factor);
}

at::Tensor transform(const at::Tensor& images, const at::Tensor& matrix, const std::vector<double>& fill, bool cubic) {
  const std::int64_t n = images.size(0), c = images.size(1), height = images.size(2), width = images.size(3);
  const at::Tensor x = (at::arange(width, at::kFloat) + 0.5).view({1, 1, width}),
                   y = (at::arange(height, at::kFloat) + 0.5).view({1, height, 1});
  const auto row = [&](std::int64_t i) {
    const auto entry = [&](std::int64_t j) { return matrix.select(1, i).select(1, j).view({n, 1, 1}); };
    return entry(0) * x + entry(1) * y + entry(2);
  };
  const at::Tensor from_x = row(0), from_y = row(1);  // (B,H,W)
  const at::Tensor grid =
      at::stack({from_x * (2.0 / static_cast<double>(width)) - 1, from_y * (2.0 / static_cast<double>(height)) - 1}, 3);
  const at::Tensor sampled =
      at::grid_sampler_2d(images, grid, cubic ? 2 : 0, /*padding: border*/ 1, /*align_corners=*/false);
  const at::Tensor inside =
      (from_x >= 0) & (from_x < static_cast<double>(width)) & (from_y >= 0) & (from_y < static_cast<double>(height));
  std::vector<float> values(fill.begin(), fill.end());
  return at::where(inside.unsqueeze(1), (sampled + 1e-3).floor().clamp(0, 255),
                   torch::tensor(values).view({1, c, 1, 1}));
}

at::Tensor rotation(const at::Tensor& angle, std::int64_t height, std::int64_t width) {
  // Output to input, so the inverse rotation; y points down, so a counter-clockwise rotation samples clockwise.
  const at::Tensor c = angle.cos(), s = angle.sin();
  const double x = static_cast<double>(width) / 2, y = static_cast<double>(height) / 2;
  return matrix_of(c, -s, x - c * x + s * y, s, c, y - s * x - c * y);
}

at::Tensor shear(const at::Tensor& x, const at::Tensor& y) {
  const at::Tensor one = at::ones_like(x), zero = at::zeros_like(x);
  return matrix_of(one, x, zero, y, one, zero);
}

at::Tensor translation(const at::Tensor& x, const at::Tensor& y) {
  const at::Tensor one = at::ones_like(x), zero = at::zeros_like(x);
  return matrix_of(one, zero, x, zero, one, y);
}

}  // namespace mien::batch::pillow
