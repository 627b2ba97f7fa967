// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/phanet/attention.h"

namespace mien::methods::phanet {

ScaleImpl::ScaleImpl(std::int64_t in_channels, std::int64_t dim, std::int64_t hidden, std::int64_t num_classes) {
  norm = register_module("norm", torch::nn::BatchNorm2d(in_channels));
  embed = register_module("embed", torch::nn::Conv2d(torch::nn::Conv2dOptions(in_channels, dim, 1).bias(false)));
  embed_norm = register_module("embed_norm", torch::nn::BatchNorm2d(dim));
  reduce = register_module("reduce", torch::nn::Conv2d(torch::nn::Conv2dOptions(dim, hidden, 1).bias(false)));
  reduce_norm = register_module("reduce_norm", torch::nn::BatchNorm2d(hidden));
  score = register_module("score", torch::nn::Conv2d(torch::nn::Conv2dOptions(hidden, 1, 3).padding(1)));
  classifier = register_module("classifier", torch::nn::Linear(dim, num_classes));
}

at::Tensor ScaleImpl::embed_map(const at::Tensor& map) {
  return at::relu(embed_norm->forward(embed->forward(at::relu(norm->forward(map)))));
}

at::Tensor ScaleImpl::score_map(const at::Tensor& embedding) {
  return score->forward(at::relu(reduce_norm->forward(reduce->forward(embedding))));
}

std::vector<at::Tensor> top_down(const std::vector<at::Tensor>& scores) {
  std::vector<at::Tensor> out = scores;
  for (std::size_t k = scores.size() - 1; k-- > 0;)
    out[k] = scores[k] +
             at::upsample_bilinear2d(out[k + 1], {scores[k].size(2), scores[k].size(3)}, /*align_corners=*/false);
  return out;
}

at::Tensor masked_mean(const at::Tensor& mask, const at::Tensor& embedding) {
  if (!mask.defined()) {
    const auto cells = static_cast<double>(embedding.size(2) * embedding.size(3));
    return embedding.sum({2, 3}) / (cells + kPoolEps);
  }
  return (mask * embedding).sum({2, 3}) / (mask.sum({2, 3}) + kPoolEps);
}

at::Tensor keep_largest(const at::Tensor& probabilities, int keep) {
  const std::int64_t count = probabilities.size(1);
  const at::Tensor own = probabilities.unsqueeze(2), other = probabilities.unsqueeze(1);
  // lower(i, j) = 1 if j < i: among equal values the lower index ranks first.
  const at::Tensor lower = at::ones({count, count}, probabilities.options().requires_grad(false)).tril(-1);
  const at::Tensor ahead =
      (other > own).to(probabilities.scalar_type()) + (other == own).to(probabilities.scalar_type()) * lower;
  const at::Tensor kept = probabilities * (ahead.sum(2) < keep).to(probabilities.scalar_type());
  return kept / kept.sum(1, /*keepdim=*/true);
}

}  // namespace mien::methods::phanet
