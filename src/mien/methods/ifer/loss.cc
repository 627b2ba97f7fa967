// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/loss.h"

namespace mien::methods::ifer {
namespace {

constexpr double kPathDecay = 0.01;

at::Tensor gradient_of(const at::Tensor& value, const at::Tensor& input) {
  return torch::autograd::grad({value}, {input}, {}, /*retain_graph=*/true, /*create_graph=*/true)[0];
}

}  // namespace

at::Tensor pixel_loss(const at::Tensor& reconstruction, const at::Tensor& source) {
  return (reconstruction.to(at::kFloat) - source.to(at::kFloat)).square().mean();
}

at::Tensor identity_loss(const at::Tensor& reconstruction, const at::Tensor& source) {
  return (1 - (reconstruction * source.detach()).sum(1)).mean();
}

at::Tensor code_norm(const at::Tensor& codes, const at::Tensor& centre) {
  return (codes - centre).flatten(1).norm(2, {1}).mean();
}

at::Tensor score_loss(const at::Tensor& score, double target) { return (score - target).square().mean(); }

at::Tensor critic_loss(const at::Tensor& real, const at::Tensor& generated) {
  return at::softplus(-real).mean() + at::softplus(generated).mean();
}

at::Tensor generator_loss(const at::Tensor& generated) { return at::softplus(-generated).mean(); }

at::Tensor gradient_penalty(const at::Tensor& scores, const at::Tensor& images) {
  return gradient_of(scores.sum(), images).square().flatten(1).sum(1).mean();
}

PathLengths path_lengths(const at::Tensor& images, const at::Tensor& codes, const at::Tensor& noise,
                         const at::Tensor& running_mean) {
  const at::Tensor jacobian = gradient_of((images * noise).sum(), codes);
  PathLengths out;
  out.lengths = jacobian.square().sum(2).mean(1).sqrt();
  out.mean = running_mean + kPathDecay * (out.lengths.mean() - running_mean);
  out.loss = (out.lengths - out.mean).square().mean();
  return out;
}

at::Tensor smoothed(const at::Tensor& target, double smoothing) {
  return target * (1 - smoothing) + smoothing / static_cast<double>(target.size(1));
}

}  // namespace mien::methods::ifer
