// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/recipes.h"

#include "mien/batch/affine.h"
#include "mien/batch/photometric.h"
#include "mien/nn/scaling.h"

namespace mien::batch {

View view_of(Recipe recipe, const face::InputSpec& input) {
  return [recipe, input](const at::Tensor& pixels, Batch& targets, at::Generator& g) {
    Moves moves = Moves::none(pixels.size(0));
    at::Tensor images = recipe(pixels, input, g, &moves);
    move_fields(targets, moves);
    return images;
  };
}

at::Tensor plain(const at::Tensor& pixels, const face::InputSpec& input, at::Generator&, Moves*) {
  return nn::normalise(nn::resize_to_input(pixels, input), input);
}

at::Tensor ferplus(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g, Moves* moves) {
  const AffineRange range{.rotation_deg = 15, .scale_low = 0.88, .scale_high = 1.12, .shift = 0.06};
  const auto p = draw(pixels.size(0), range, g);
  if (moves) *moves = moves->then(moves_of(p));
  // A contrast step works at input size; without one, a single sampling goes from the packed size to it.
  at::Tensor images = nn::normalise(input.contrast ? nn::resize_to_input(pixels, input) : pixels, input);
  images = warp(images, p, input.height, input.width, Sampling::bilinear, Border::replicate);
  images = jitter(images, 0.3, 0.2, g);
  return random_erasing(images, {.area_low = 0.0225, .area_high = 0.16, .ratio_low = 0.4, .ratio_high = 2.5}, g);
}

at::Tensor raf_db(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g, Moves* moves) {
  const std::int64_t n = pixels.size(0);
  at::Tensor images = nn::resize_to_input(pixels, input).to(at::kFloat);
  auto p = AffineParameters::identity(n);
  p.flip = chance(n, 0.5, g);
  const at::Tensor both = chance(n, 0.2, g);
  p.rotation_rad = draw(n, {.rotation_deg = 20}, g).rotation_rad * both;
  if (moves) *moves = moves->then(moves_of(p));
  images = warp(images, p, input.height, input.width, Sampling::nearest, Border::zero);
  images = random_crop(images, input.width / 7, both, g, moves);
  return random_erasing(nn::normalise(images, input), {}, g);
}

at::Tensor affectnet(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g, Moves* moves) {
  const AffineRange range{.rotation_deg = 20, .scale_low = 0.8, .scale_high = 1, .shift = 0.2, .probability = 0.7};
  const auto p = draw(pixels.size(0), range, g);
  if (moves) *moves = moves->then(moves_of(p));
  at::Tensor images = nn::resize_to_input(pixels, input).to(at::kFloat);
  images = warp(images, p, input.height, input.width, Sampling::nearest, Border::zero);
  return random_erasing(nn::normalise(images, input), {.area_high = 0.33}, g);
}

}  // namespace mien::batch
