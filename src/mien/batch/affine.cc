// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/affine.h"

#include <numbers>

namespace mien::batch {

AffineParameters AffineParameters::identity(std::int64_t n) {
  return {at::zeros({n}), at::ones({n}), at::zeros({n}), at::zeros({n}), at::zeros({n}, at::kBool)};
}

AffineParameters draw(std::int64_t n, const AffineRange& r, at::Generator& g) {
  const double limit = r.rotation_deg * std::numbers::pi / 180;
  AffineParameters p{uniform(n, -limit, limit, g), uniform(n, r.scale_low, r.scale_high, g),
                     uniform(n, -r.shift, r.shift, g), uniform(n, -r.shift, r.shift, g),
                     chance(n, r.flip_probability, g)};
  if (r.probability < 1) {
    const at::Tensor on = chance(n, r.probability, g);
    p.rotation_rad = p.rotation_rad * on;
    p.scale = at::where(on, p.scale, at::ones_like(p.scale));
    p.shift_x = p.shift_x * on;
    p.shift_y = p.shift_y * on;
  }
  return p;
}

Moves moves_of(const AffineParameters& p) {
  // About the centre, in fractions: flip, rotation and scale, shift.
  const at::Tensor c = p.rotation_rad.cos() * p.scale, s = p.rotation_rad.sin() * p.scale;
  const at::Tensor side = at::where(p.flip, -1.0f, 1.0f).to(at::kFloat);
  const at::Tensor xx = c * side, xy = -s, yx = s * side, yy = c;
  const at::Tensor x = 0.5f + p.shift_x - 0.5f * (xx + xy), y = 0.5f + p.shift_y - 0.5f * (yx + yy);
  return {at::stack({at::stack({xx, xy, x}, 1), at::stack({yx, yy, y}, 1)}, 1), p.flip};
}

at::Tensor warp(const at::Tensor& images, const AffineParameters& p, std::int64_t height, std::int64_t width,
                Sampling sampling, Border border) {
  // Sampling maps output to input, so the inverse: unshift, unrotate, unscale, unflip. Coordinates are -1..1.
  const at::Tensor c = p.rotation_rad.cos() / p.scale, s = p.rotation_rad.sin() / p.scale;
  const at::Tensor mirror = at::where(p.flip, -1.0f, 1.0f).to(at::kFloat);
  const at::Tensor dx = p.shift_x * 2, dy = p.shift_y * 2;
  const at::Tensor row_x = at::stack({c, s, -(c * dx + s * dy)}, 1) * mirror.unsqueeze(1);
  const at::Tensor row_y = at::stack({-s, c, s * dx - c * dy}, 1);
  const at::Tensor theta = at::stack({row_x, row_y}, 1).to(images.device());
  const at::Tensor grid =
      at::affine_grid_generator(theta, {images.size(0), images.size(1), height, width}, /*align_corners=*/false);
  return at::grid_sampler_2d(images, grid, sampling == Sampling::nearest ? 1 : 0, border == Border::replicate ? 1 : 0,
                             /*align_corners=*/false);
}

at::Tensor mirror(const at::Tensor& images, double probability, at::Generator& g, Moves* moves) {
  const at::Tensor flip = chance(images.size(0), probability, g);
  if (moves) *moves = moves->then(Moves::mirror(flip));
  return at::where(flip.view({-1, 1, 1, 1}), images.flip(3), images);
}

at::Tensor take_lines(const at::Tensor& images, const at::Tensor& rows, const at::Tensor& columns) {
  const std::int64_t n = images.size(0), c = images.size(1), width = images.size(3), h = rows.size(1),
                     w = columns.size(1);
  return images.gather(2, rows.view({n, 1, h, 1}).expand({n, c, h, width}))
      .gather(3, columns.view({n, 1, 1, w}).expand({n, c, h, w}));
}

at::Tensor random_crop(const at::Tensor& images, std::int64_t padding, const at::Tensor& chosen, at::Generator& g,
                       Moves* moves) {
  const std::int64_t n = images.size(0), height = images.size(2), width = images.size(3);
  // Whole-pixel shifts in [-padding, padding], zero outside.
  const at::Tensor shift_y = (uniform(n, 0, 2.0 * static_cast<double>(padding) + 1, g).floor() - padding) * chosen;
  const at::Tensor shift_x = (uniform(n, 0, 2.0 * static_cast<double>(padding) + 1, g).floor() - padding) * chosen;
  auto p = AffineParameters::identity(n);
  p.shift_x = shift_x / static_cast<float>(width);
  p.shift_y = shift_y / static_cast<float>(height);
  if (moves) *moves = moves->then(moves_of(p));
  return warp(images, p, height, width, Sampling::nearest, Border::zero);
}

}  // namespace mien::batch
