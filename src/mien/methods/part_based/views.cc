// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/views.h"

#include "mien/batch/affine.h"
#include "mien/batch/recipes.h"
#include "mien/nn/scaling.h"

namespace mien::methods::part_based {
namespace {

at::Tensor reference(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g, batch::Moves* moves) {
  const batch::AffineRange range{.rotation_deg = 15, .shift = 0.05};
  const auto drawn = batch::draw(pixels.size(0), range, g);
  if (moves) *moves = moves->then(batch::moves_of(drawn));
  const at::Tensor sized = nn::resize_to_input(pixels, input).to(at::kFloat);
  const at::Tensor images =
      batch::warp(sized, drawn, input.height, input.width, batch::Sampling::bilinear, batch::Border::replicate);
  return nn::normalise(images.round(), input);
}

}  // namespace

batch::View make_view(Augment augment, const face::InputSpec& input) {
  return batch::view_of(augment == Augment::reference ? reference : batch::plain, input);
}

}  // namespace mien::methods::part_based
