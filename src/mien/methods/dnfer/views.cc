// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dnfer/views.h"

#include <algorithm>

#include "mien/batch/affine.h"
#include "mien/batch/level_augment.h"
#include "mien/batch/recipes.h"
#include "mien/nn/scaling.h"

namespace mien::methods::dnfer {
namespace {

/// Resized to whole values, cropped after mirror padding, flipped in half of the cases.
at::Tensor crop_and_flip(const at::Tensor& pixels, const face::InputSpec& input, const DnferConfig& c,
                         at::Generator& g) {
  const int pad = view_lengths(std::min(input.width, input.height)).pad;
  at::Tensor images = nn::resize_to_input(pixels, input).to(at::kFloat).round();
  images = batch::reflect_crop(images, pad, c.reference_quirks ? 2 * pad - 1 : 2 * pad, g);
  return batch::mirror(images, 0.5, g);
}

at::Tensor strong_view(const at::Tensor& pixels, const face::InputSpec& input, const DnferConfig& c, at::Generator& g) {
  const ViewLengths lengths = view_lengths(std::min(input.width, input.height));
  const auto& o = c.strong;
  at::Tensor images = crop_and_flip(pixels, input, c, g);
  images = batch::level_augment(
      images, {o.operations, o.level, o.probability, static_cast<double>(lengths.shift), c.reference_quirks}, g);
  if (o.cutout) images = batch::cutout(images, lengths.cutout, 128, g);
  return nn::normalise(images, input);
}

method::View make_view(const DnferConfig& c, bool strong, const face::InputSpec& input) {
  if (c.augment == Augment::none) return batch::view_of(batch::plain, input);
  if (strong)
    return [=](const at::Tensor& pixels, batch::Batch&, at::Generator& g) { return strong_view(pixels, input, c, g); };
  if (c.augment == Augment::ferplus) return batch::view_of(batch::ferplus, input);
  return [=](const at::Tensor& pixels, batch::Batch&, at::Generator& g) {
    return nn::normalise(crop_and_flip(pixels, input, c, g), input);
  };
}

}  // namespace

ViewLengths view_lengths(int side) {
  if (side > 64) return {};
  return {2, 4, side / 4};
}

std::vector<method::View> make_views(const DnferConfig& c, const face::InputSpec& input) {
  std::vector<method::View> views{make_view(c, /*strong=*/false, input)};
  if (c.two_views()) views.push_back(make_view(c, c.views == Views::weak_strong, input));
  return views;
}

}  // namespace mien::methods::dnfer
