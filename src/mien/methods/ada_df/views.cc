// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/views.h"

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/batch/affine.h"
#include "mien/batch/photometric.h"
#include "mien/batch/rand_augment.h"
#include "mien/batch/recipes.h"
#include "mien/methods/ada_df/crops.h"
#include "mien/nn/scaling.h"

namespace mien::methods::ada_df {
namespace {

/// RandAugment with `operations` of the magnitude ± 0.5, flip 0.5, erasing after normalisation.
at::Tensor augmented(at::Tensor images, int operations, double magnitude, const face::InputSpec& input,
                     at::Generator& g) {
  images = batch::rand_augment(images, {.operations = operations, .magnitude = magnitude, .spread = 0.5}, g);
  return batch::random_erasing(nn::normalise(batch::mirror(images, 0.5, g), input), {}, g);
}

}  // namespace

std::vector<std::string> augmentation_names() { return {"raf-db", "sfew", "ferplus", "none"}; }

method::View make_view(const std::string& name, const face::InputSpec& input, bool ten_crop) {
  if (name == "ferplus")
    return
        [input](const at::Tensor& pixels, batch::Batch&, at::Generator& g) { return batch::ferplus(pixels, input, g); };
  const bool is_raf_db = name == "raf-db";
  if (!is_raf_db && name != "sfew" && name != "none")
    fail_usage("Unknown augmentation '" + name + "'.", "Valid: " + join(augmentation_names(), ", ") + ".");
  if (name == "none" && !ten_crop)
    return [input](const at::Tensor& pixels, batch::Batch&, at::Generator&) { return batch::plain(pixels, input); };
  return [=](const at::Tensor& pixels, batch::Batch& targets, at::Generator& g) {
    at::Tensor images = nn::resize_to_input(pixels, input).to(at::kFloat).round();
    if (ten_crop) {
      images = ten_crops(images);
      repeat_targets(targets);
    }
    if (name == "none") return nn::normalise(images, input);
    return is_raf_db ? augmented(images, 3, 5, input, g) : augmented(images, 5, 3, input, g);
  };
}

}  // namespace mien::methods::ada_df
