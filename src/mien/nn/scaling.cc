// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/scaling.h"

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::nn {

at::Tensor normalise(const at::Tensor& pixels, const face::InputSpec& spec) {
  check_input(
      pixels.dim() == 4 && pixels.size(1) == spec.channels,
      text("Pictures of shape ", pixels.sizes(), " for an input of ", spec.channels, " channels; expected (B,C,H,W)."));
  const auto options = at::TensorOptions().dtype(at::kFloat);
  auto row = [&](const std::vector<float>& v) {
    return at::tensor(v, options).view({1, spec.channels, 1, 1}).to(pixels.device());
  };
  return (pixels.to(at::kFloat) / 255.0f - row(spec.mean)) / row(spec.std);
}

at::Tensor resize_to_input(const at::Tensor& images, const face::InputSpec& spec) {
  if (images.size(2) == spec.height && images.size(3) == spec.width) return images;
  return at::upsample_bilinear2d(images.to(at::kFloat), {spec.height, spec.width}, /*align_corners=*/false);
}

}  // namespace mien::nn
