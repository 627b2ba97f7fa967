// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fdrl/views.h"

#include "mien/augment/affine.h"
#include "mien/augment/recipes.h"
#include "mien/base/error.h"
#include "mien/tensor/scaling.h"

namespace mien::methods::fdrl {
namespace {

/// A window of `side` at a random place of each picture.
at::Tensor random_window(const at::Tensor& images, std::int64_t side, at::Generator& g) {
  const auto lines = [&](std::int64_t size) {
    const auto room = static_cast<double>(size - side);
    const at::Tensor first = augment::uniform(images.size(0), 0, room + 1, g).floor().clamp_max(room).to(at::kLong);
    return first.unsqueeze(1) + at::arange(side, at::kLong);
  };
  const at::Tensor rows = lines(images.size(2)), columns = lines(images.size(3));
  return augment::take_lines(images, rows, columns);
}

at::Tensor paper(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g) {
  const at::Tensor images = tensor::resize_to_input(pixels, input).to(at::kFloat).round();
  return tensor::normalise(augment::mirror(random_window(images, crop_side(input.width), g), 0.5, g), input);
}

}  // namespace

std::vector<std::string> augmentation_names() { return {"paper", "reimplementation", "ferplus", "none"}; }

std::int64_t crop_side(std::int64_t side) { return (side * 224 + 118) / 236; }

at::Tensor centre_crop(const at::Tensor& images) {
  const std::int64_t h = crop_side(images.size(2)), w = crop_side(images.size(3));
  const std::int64_t top = (images.size(2) - h) / 2, left = (images.size(3) - w) / 2;
  return images.slice(2, top, top + h).slice(3, left, left + w);
}

model::View make_view(const std::string& name, const face::InputSpec& input) {
  if (name == "paper") return [input](const at::Tensor& pixels, data::Batch&, at::Generator& g) { return paper(pixels, input, g); };
  if (name == "reimplementation") return [input](const at::Tensor& pixels, data::Batch&, at::Generator& g) { return augment::raf_db(pixels, input, g); };
  if (name == "ferplus") return [input](const at::Tensor& pixels, data::Batch&, at::Generator& g) { return augment::ferplus(pixels, input, g); };
  if (name == "none") return [input](const at::Tensor& pixels, data::Batch&, at::Generator&) { return augment::plain(pixels, input); };
  fail_usage("Unknown augmentation '" + name + "'.", "Valid: paper, reimplementation, ferplus, none.");
}

}  // namespace mien::methods::fdrl
