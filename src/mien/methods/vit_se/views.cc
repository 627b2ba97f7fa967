// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/vit_se/views.h"

#include "mien/batch/affine.h"
#include "mien/batch/color_jitter.h"
#include "mien/batch/level_augment.h"
#include "mien/batch/photometric.h"
#include "mien/batch/recipes.h"
#include "mien/batch/window.h"
#include "mien/nn/scaling.h"

namespace mien::methods::vit_se {
namespace {

constexpr double kJitter = 0.4;

at::Tensor sized(const at::Tensor& pixels, const face::InputSpec& input) {
  return nn::resize_to_input(pixels, input).to(at::kFloat).round();
}

at::Tensor coloured(const at::Tensor& windows, double probability, const face::InputSpec& input, at::Generator& g) {
  at::Tensor images = batch::mirror(windows, probability, g);
  images = batch::random_grey(images, probability, g);
  return nn::normalise(batch::color_jitter(images, kJitter, g), input);
}

at::Tensor one_of_five(const at::Tensor& images, const VitOptions& network, at::Generator& g) {
  const at::Tensor place = batch::uniform(images.size(0), 0, batch::kWindowPlaces, g).floor();
  return batch::placed_window(images, network.height, network.width,
                              place.clamp_max(batch::kWindowPlaces - 1).to(at::kLong));
}

at::Tensor augmented(Augment augment, const at::Tensor& pixels, const VitOptions& network, const face::InputSpec& input,
                     at::Generator& g) {
  switch (augment) {
    case Augment::reference:  // with augmentation and regulariser
      return coloured(one_of_five(sized(pixels, input), network, g), 0.5, input, g);
    case Augment::reference_augment:  // augmentation only
      return coloured(batch::random_window(sized(pixels, input), network.height, network.width, g), 0.3, input, g);
    case Augment::reference_regularise:  // the regulariser only
      return batch::random_erasing(batch::plain(pixels, input, g), {.area_low = 0.02, .area_high = 0.1}, g);
    case Augment::ferplus:
      return batch::ferplus(pixels, input, g);
    case Augment::none:
      break;
  }
  return batch::plain(pixels, input, g);
}

}  // namespace

batch::View make_view(const VitSeConfig& c, const VitOptions& network, const face::InputSpec& input) {
  return [augment = c.augment, squares = c.cutout_squares, side = c.cutout_side, network, input](
             const at::Tensor& pixels, batch::Batch&, at::Generator& g) {
    at::Tensor images = augmented(augment, pixels, network, input, g);
    for (int i = 0; i < squares; ++i) images = batch::cutout(images, side, /*fill=*/0, g);
    return images;
  };
}

}  // namespace mien::methods::vit_se
