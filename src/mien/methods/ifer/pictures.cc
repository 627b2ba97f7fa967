// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/pictures.h"

namespace mien::methods::ifer {

at::Tensor mosaic(const at::Tensor& images, std::int64_t columns) {
  const at::Tensor bytes = ((images.to(at::kFloat).clamp(-1, 1) + 1) * 127.5).round().to(at::kByte).cpu();
  const std::int64_t rows = bytes.size(0) / columns, side = bytes.size(2);
  return bytes.view({rows, columns, 3, side, bytes.size(3)})
      .permute({2, 0, 3, 1, 4})
      .reshape({3, rows * side, columns * bytes.size(3)});
}

method::Picture generated_faces(IferNet& network) {
  const torch::NoGradGuard no_grad;
  network->eval();
  const auto& sizes = network->decoder->sizes();
  at::Generator fixed = at::detail::createCPUGenerator(1);
  const at::Tensor z =
      at::randn({16, sizes.code}, fixed, at::TensorOptions(at::kFloat)).to(network->latent_avg.device());
  const at::Tensor codes = repeat_code(network->decoder->map(z), sizes.num_codes());
  return {"generated faces, always from the same random codes",
          mosaic(network->decoder->forward(codes, {}, Noise::fixed).image, 4)};
}

method::Picture inverted_faces(IferNet& network, const at::Tensor& images) {
  const torch::NoGradGuard no_grad;
  network->eval();
  const at::Tensor sources = in_colour(images);
  const at::Tensor whole = network->invert(sources, Noise::fixed).image;
  const at::Tensor plain =
      network->invert(sources, Noise::fixed, EncoderFeatures::none, IferNetImpl::Structure::learned).image;
  const at::Tensor rows = at::stack({sources.to(at::kFloat), whole.to(at::kFloat), plain.to(at::kFloat)}, 1);
  return {"source, inversion, inversion without the structure code", mosaic(rows.flatten(0, 1), 3)};
}

}  // namespace mien::methods::ifer
