// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/fold.h"

namespace mien::methods::ada_df {
namespace {

nn::Folded copy_of(torch::nn::Sequential& s, std::size_t i) {
  const auto& linear = *s[i]->as<torch::nn::Linear>();
  return {linear.weight.detach().clone(), linear.bias.detach().clone()};
}

}  // namespace

FoldedAdaDf::FoldedAdaDf(AdaDfNet network)
    : backbone_(network->backbone_of(2)), classifier_(copy_of(network->branch_2, 4)), attention_(copy_of(network->alpha_2, 0)) {}

std::vector<at::Tensor> FoldedAdaDf::forward(const at::Tensor& images) const {
  const at::Tensor f = backbone_.forward(images).mean({2, 3});
  const at::Tensor a = at::sigmoid(at::linear(f, attention_.weight, attention_.bias));
  return {at::linear(f, classifier_.weight, classifier_.bias) * a, a};
}

std::vector<std::pair<std::string, at::Tensor>> FoldedAdaDf::weights() const {
  auto out = backbone_.weights("features.");
  out.emplace_back("branch_2.4.weight", classifier_.weight);
  out.emplace_back("branch_2.4.bias", classifier_.bias);
  out.emplace_back("alpha_2.0.weight", attention_.weight);
  out.emplace_back("alpha_2.0.bias", attention_.bias);
  return out;
}

}  // namespace mien::methods::ada_df
