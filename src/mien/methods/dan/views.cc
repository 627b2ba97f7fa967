// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/views.h"

#include "mien/base/error.h"
#include "mien/batch/affine.h"
#include "mien/batch/photometric.h"
#include "mien/batch/recipes.h"
#include "mien/nn/scaling.h"

namespace mien::methods::dan {
namespace {

using batch::Border;
using batch::Sampling;

/// Flip 0.5; with probability 0.7 one affine map: ±20°, shift up to 20 % of the side, scale 0.8..1; larger erasing.
at::Tensor affectnet(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g) {
  const batch::AffineRange range{
      .rotation_deg = 20, .scale_low = 0.8, .scale_high = 1, .shift = 0.2, .probability = 0.7};
  const auto p = batch::draw(pixels.size(0), range, g);
  at::Tensor images = nn::resize_to_input(pixels, input).to(at::kFloat);
  images = batch::warp(images, p, input.height, input.width, Sampling::nearest, Border::zero);
  return batch::random_erasing(nn::normalise(images, input), {.area_high = 0.33}, g);
}

}  // namespace

std::vector<std::string> augmentation_names() { return {"raf-db", "affectnet", "ferplus", "none"}; }

method::View make_view(const std::string& name, const face::InputSpec& input) {
  if (name == "none")
    return [input](const at::Tensor& pixels, batch::Batch&, at::Generator&) { return batch::plain(pixels, input); };
  if (name == "raf-db")
    return
        [input](const at::Tensor& pixels, batch::Batch&, at::Generator& g) { return batch::raf_db(pixels, input, g); };
  if (name == "affectnet")
    return [input](const at::Tensor& pixels, batch::Batch&, at::Generator& g) { return affectnet(pixels, input, g); };
  if (name == "ferplus")
    return
        [input](const at::Tensor& pixels, batch::Batch&, at::Generator& g) { return batch::ferplus(pixels, input, g); };
  fail_usage("Unknown augmentation '" + name + "'.", "Valid: raf-db, affectnet, ferplus, none.");
}

}  // namespace mien::methods::dan
