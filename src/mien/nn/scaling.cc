// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/scaling.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/face/resample.h"
#include "mien/nn/shape_text.h"

namespace mien::nn {
namespace {

/// Picture by picture on the CPU, by the code that recognition uses: bit for bit the later input of the model.
at::Tensor equalised(const at::Tensor& images, const face::InputSpec& spec) {
  check_input(
      images.dim() == 4 && images.size(1) == 1,
      fmt::format("Contrast equalisation of pictures of shape {}; expected (B,1,H,W).", shape_text(images.sizes())));
  const at::Tensor bytes = images.to(at::kCPU, at::kByte).contiguous();
  const auto count = static_cast<std::size_t>(bytes.size(0));
  const auto height = static_cast<int>(bytes.size(2)), width = static_cast<int>(bytes.size(3));
  const std::size_t size = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  at::Tensor out = at::empty({bytes.size(0), 1, spec.height, spec.width}, at::kByte);
  auto* target = out.mutable_data_ptr<std::uint8_t>();
  for (std::size_t i = 0; i < count; ++i) {
    const auto picture =
        face::equalised_input({bytes.const_data_ptr<std::uint8_t>() + i * size, size}, width, height, spec);
    target = std::copy(picture.begin(), picture.end(), target);
  }
  return out.to(images.device(), at::kFloat);
}

}  // namespace

at::Tensor normalise(const at::Tensor& pixels, const face::InputSpec& spec) {
  check_input(pixels.dim() == 4 && pixels.size(1) == spec.channels,
              fmt::format("Pictures of shape {} for an input of {} channels; expected (B,C,H,W).",
                          shape_text(pixels.sizes()), spec.channels));
  const auto options = at::TensorOptions().dtype(at::kFloat);
  auto row = [&](const std::vector<float>& v) {
    return at::tensor(v, options).view({1, spec.channels, 1, 1}).to(pixels.device());
  };
  return (pixels.to(at::kFloat) / 255.0f - row(spec.mean)) / row(spec.std);
}

at::Tensor resize_to_input(const at::Tensor& images, const face::InputSpec& spec) {
  if (spec.contrast) return equalised(images, spec);
  if (images.size(2) == spec.height && images.size(3) == spec.width) return images;
  return at::upsample_bilinear2d(images.to(at::kFloat), {spec.height, spec.width}, /*align_corners=*/false);
}

}  // namespace mien::nn
