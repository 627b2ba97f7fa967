// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/class_activation.h"

namespace mien::nn {

at::Tensor class_activation(const at::Tensor& features, const at::Tensor& weight) {
  return at::conv2d(features, weight.unsqueeze(-1).unsqueeze(-1));
}

at::Tensor gradient_of(const torch::nn::LinearImpl& linear, const torch::nn::BatchNorm1dImpl& norm) {
  const at::Tensor variance = norm.running_var.to(at::kDouble) + norm.options.eps();
  const at::Tensor scale = norm.weight.to(at::kDouble) / variance.sqrt();
  return (linear.weight.to(at::kDouble) * scale.unsqueeze(1)).to(at::kFloat);
}

}  // namespace mien::nn
