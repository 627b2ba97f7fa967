// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/views.h"

#include <cmath>

#include "mien/batch/affine.h"
#include "mien/batch/photometric.h"
#include "mien/batch/rand_augment.h"
#include "mien/methods/ifer/loss.h"
#include "mien/nn/cross_entropy.h"
#include "mien/nn/scaling.h"

namespace mien::methods::ifer {
namespace {

/// Random erasing as in timm's "pixel" mode: normal noise in the rectangle.
at::Tensor erase_with_noise(const at::Tensor& images, at::Generator& g) {
  const at::Tensor kept = batch::random_erasing(at::ones_like(images), {.probability = 0.25, .area_high = 1.0 / 3}, g);
  const at::Tensor noise = at::empty_like(images).normal_(0, 1, g);
  return at::where(kept == 0, noise, images);
}

double draw_beta(double alpha, at::Generator& g) {
  return at::_sample_dirichlet(at::full({2}, alpha, at::kDouble), g)[0].item<double>();
}

/// Pastes one rectangle of the partners into all pictures; returns the remaining share of the own picture.
double paste(batch::Batch& batch, double share, at::Generator& g) {
  const std::int64_t height = batch.images().size(2), width = batch.images().size(3);
  const double side = std::sqrt(1 - share);
  const at::Tensor place = batch::uniform(2, 0, 1, g);
  const auto range = [&](std::int64_t size, std::int64_t axis) {
    const double centre = place[axis].item<double>() * static_cast<double>(size);
    const double half = side * static_cast<double>(size) / 2;
    const auto begin = std::clamp<std::int64_t>(std::llround(centre - half), 0, size);
    return std::pair(begin, std::clamp<std::int64_t>(std::llround(centre + half), 0, size));
  };
  const auto [top, bottom] = range(height, 0);
  const auto [left, right] = range(width, 1);
  for (at::Tensor& view : batch.views) {
    view = view.clone();
    const at::Tensor partners = view.flip({0}).slice(2, top, bottom).slice(3, left, right);
    view.slice(2, top, bottom).slice(3, left, right).copy_(partners);
  }
  return 1 - static_cast<double>((bottom - top) * (right - left)) / static_cast<double>(height * width);
}

}  // namespace

batch::View face_view(const face::InputSpec& input) {
  return [input](const at::Tensor& pixels, batch::Batch&, at::Generator& g) {
    return batch::mirror(nn::normalise(nn::resize_to_input(pixels, input), input), 0.5, g);
  };
}

batch::View recognition_view(const IferConfig& config, const face::InputSpec& input) {
  return [augment = config.augment, area = config.crop_min, input](const at::Tensor& pixels, batch::Batch&,
                                                                   at::Generator& g) {
    if (augment == Augment::none) return nn::normalise(nn::resize_to_input(pixels, input), input);
    at::Tensor images = random_resized_crop(pixels.to(at::kFloat), area, input.height, input.width, g);
    images = batch::mirror(images, 0.5, g);
    if (augment == Augment::crop) return nn::normalise(images, input);
    images = batch::rand_augment(images.round(), {.operations = 2, .magnitude = 9}, g);
    return erase_with_noise(nn::normalise(images, input), g);
  };
}

at::Tensor random_resized_crop(const at::Tensor& images, double area_min, std::int64_t height, std::int64_t width,
                               at::Generator& g) {
  const std::int64_t n = images.size(0);
  const at::Tensor area = batch::uniform(n, area_min, 1, g);
  const at::Tensor ratio = batch::uniform(n, std::log(0.75), std::log(4.0 / 3), g).exp();
  const at::Tensor w = (area * ratio).sqrt().clamp_max(1), h = (area / ratio).sqrt().clamp_max(1);
  // Shares of the picture: centres in -1..1, as in grid_sampler.
  const at::Tensor x = (1 - w) * batch::uniform(n, -1, 1, g), y = (1 - h) * batch::uniform(n, -1, 1, g);
  const at::Tensor zero = at::zeros_like(w);
  const at::Tensor theta = at::stack({w, zero, x, zero, h, y}, 1).view({n, 2, 3});
  const at::Tensor grid = at::affine_grid_generator(theta, {n, images.size(1), height, width}, /*align_corners=*/false);
  return at::grid_sampler_2d(images, grid, /*bilinear=*/0, /*border=*/1, /*align_corners=*/false);
}

void mix_batch(batch::Batch& batch, const IferConfig& c, at::Generator& g) {
  batch.distribution = smoothed(nn::blend_target(batch.distribution, batch.labels, c.votes), c.smoothing);
  const bool mixup = c.mixup_alpha > 0, cutmix = c.cutmix_alpha > 0;
  if (!mixup && !cutmix) return;
  const bool paste_it = cutmix && (!mixup || batch::chance(1, 0.5, g).item<bool>());
  double share = draw_beta(paste_it ? c.cutmix_alpha : c.mixup_alpha, g);
  if (paste_it)
    share = paste(batch, share, g);
  else
    for (at::Tensor& view : batch.views) view = view * share + view.flip({0}) * (1 - share);
  batch.distribution = batch.distribution * share + batch.distribution.flip({0}) * (1 - share);
}

}  // namespace mien::methods::ifer
