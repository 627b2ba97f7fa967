// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/views.h"

#include "mien/augment/affine.h"
#include "mien/augment/photometric.h"
#include "mien/augment/recipes.h"
#include "mien/base/error.h"
#include "mien/tensor/scaling.h"

namespace mien::methods::dan {
namespace {

using augment::Border;
using augment::Sampling;

/// Flip 0.5; with probability 0.7 one affine map: ±20°, shift up to 20 % of the side, scale 0.8..1; larger erasing.
at::Tensor affectnet(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g) {
  const augment::AffineRange range{.rotation_deg = 20, .scale_low = 0.8, .scale_high = 1, .shift = 0.2, .probability = 0.7};
  const auto p = augment::draw(pixels.size(0), range, g);
  at::Tensor images = tensor::resize_to_input(pixels, input).to(at::kFloat);
  images = augment::warp(images, p, input.height, input.width, Sampling::nearest, Border::zero);
  return augment::random_erasing(tensor::normalise(images, input), {.area_high = 0.33}, g);
}

}  // namespace

std::vector<std::string> augmentation_names() { return {"raf-db", "affectnet", "ferplus", "none"}; }

model::View make_view(const std::string& name, const face::InputSpec& input) {
  if (name == "none") return [input](const at::Tensor& pixels, data::Batch&, at::Generator&) { return augment::plain(pixels, input); };
  if (name == "raf-db") return [input](const at::Tensor& pixels, data::Batch&, at::Generator& g) { return augment::raf_db(pixels, input, g); };
  if (name == "affectnet") return [input](const at::Tensor& pixels, data::Batch&, at::Generator& g) { return affectnet(pixels, input, g); };
  if (name == "ferplus") return [input](const at::Tensor& pixels, data::Batch&, at::Generator& g) { return augment::ferplus(pixels, input, g); };
  fail_usage("Unknown augmentation '" + name + "'.", "Valid: raf-db, affectnet, ferplus, none.");
}

}  // namespace mien::methods::dan
