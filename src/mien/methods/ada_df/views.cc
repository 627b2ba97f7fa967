// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/views.h"

#include "mien/augment/affine.h"
#include "mien/augment/photometric.h"
#include "mien/augment/rand_augment.h"
#include "mien/augment/recipes.h"
#include "mien/base/error.h"
#include "mien/tensor/scaling.h"

namespace mien::methods::ada_df {
namespace {

/// RandAugment with three operations of magnitude 5 ± 0.5, flip 0.5, erasing after normalisation.
at::Tensor raf_db(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g) {
  at::Tensor images = tensor::resize_to_input(pixels, input).to(at::kFloat).round();
  images = augment::rand_augment(images, {.operations = 3, .magnitude = 5, .spread = 0.5}, g);
  images = at::where(augment::chance(images.size(0), 0.5, g).view({-1, 1, 1, 1}), images.flip(3), images);
  return augment::random_erasing(tensor::normalise(images, input), {}, g);
}

}  // namespace

std::vector<std::string> augmentation_names() { return {"raf-db", "ferplus", "none"}; }

model::View make_view(const std::string& name, const face::InputSpec& input) {
  if (name == "none") return [input](const at::Tensor& pixels, data::Batch&, at::Generator&) { return augment::plain(pixels, input); };
  if (name == "raf-db") return [input](const at::Tensor& pixels, data::Batch&, at::Generator& g) { return raf_db(pixels, input, g); };
  if (name == "ferplus") return [input](const at::Tensor& pixels, data::Batch&, at::Generator& g) { return augment::ferplus(pixels, input, g); };
  fail_usage("Unknown augmentation '" + name + "'.", "Valid: raf-db, ferplus, none.");
}

}  // namespace mien::methods::ada_df
