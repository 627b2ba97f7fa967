// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fdrl/crops.h"

#include "mien/batch/affine.h"
#include "mien/batch/pillow.h"
#include "mien/batch/recipes.h"
#include "mien/batch/window.h"
#include "mien/nn/scaling.h"

namespace mien::methods::fdrl {
namespace {

at::Tensor sized(const at::Tensor& pixels, const face::InputSpec& input) {
  return nn::resize_to_input(pixels, input).to(at::kFloat).round();
}

/// Crops only, as in the first author's earlier work on CK+, MMI and Oulu-CASIA.
at::Tensor crops(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g, batch::Moves* moves) {
  const std::int64_t side = crop_side(input.width);
  return nn::normalise(batch::random_window(sized(pixels, input), side, side, g, moves), input);
}

at::Tensor paper(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g, batch::Moves* moves) {
  return batch::mirror(crops(pixels, input, g, moves), 0.5, g, moves);
}

/// As in that work on SFEW: also rotation, colour jitter and flip. The jitter is not stated there: ±40 %, as is
/// usual.
at::Tensor sfew(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g, batch::Moves* moves) {
  at::Tensor images = sized(pixels, input);
  const std::int64_t n = images.size(0);
  const auto p = batch::draw(n, {.rotation_deg = 30}, g);
  if (moves) *moves = moves->then(batch::moves_of(p));
  images =
      batch::warp(images, p, input.height, input.width, batch::Sampling::bilinear, batch::Border::replicate).round();
  for (const auto change : {batch::pillow::brightness, batch::pillow::contrast, batch::pillow::color})
    images = change(images, batch::uniform(n, 0.6, 1.4, g));
  const std::int64_t side = crop_side(input.width);
  return nn::normalise(batch::random_window(images, side, side, g, moves), input);
}

}  // namespace

bool takes_centre(Augment augment) {
  return augment == Augment::paper || augment == Augment::ddl_sfew || augment == Augment::ddl_crops;
}

std::int64_t crop_side(std::int64_t side) { return (side * 224 + 118) / 236; }

at::Tensor centre_crop(const at::Tensor& images) {
  const std::int64_t h = crop_side(images.size(2)), w = crop_side(images.size(3));
  const std::int64_t top = (images.size(2) - h) / 2, left = (images.size(3) - w) / 2;
  return images.slice(2, top, top + h).slice(3, left, left + w);
}

method::View make_view(Augment augment, const face::InputSpec& input) {
  constexpr batch::Recipe recipes[] = {paper, sfew, crops, batch::raf_db, batch::ferplus, batch::plain};
  return batch::view_of(recipes[static_cast<std::size_t>(augment)], input);
}

}  // namespace mien::methods::fdrl
