// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/fold.h"

#include "mien/methods/ada_df/crops.h"
#include "mien/nn/class_activation.h"

namespace mien::methods::ada_df {
namespace {

nn::Folded copy_of(torch::nn::Sequential& s, std::size_t i) {
  const auto& linear = *s[i]->as<torch::nn::Linear>();
  return {linear.weight.detach().clone(), linear.bias.detach().clone()};
}

}  // namespace

FoldedAdaDf::FoldedAdaDf(AdaDfNet network, bool ten_crop)
    : backbone_(network->backbone_of(2)),
      classifier_(copy_of(network->branch_2, 4)),
      attention_(copy_of(network->alpha_2, 0)),
      ten_crop_(ten_crop) {}

std::vector<at::Tensor> FoldedAdaDf::forward(const at::Tensor& images) const {
  const at::Tensor x = backbone_.forward(ten_crop_ ? ten_crops(images) : images), f = x.mean({2, 3});
  const at::Tensor a = at::sigmoid(at::linear(f, attention_.weight, attention_.bias));
  const at::Tensor logits = at::linear(f, classifier_.weight, classifier_.bias) * a;
  if (ten_crop_) return {mean_of_crops(logits), mean_of_crops(a)};
  return {logits, a, nn::class_activation(x, classifier_.weight) * a.unsqueeze(-1).unsqueeze(-1)};
}

std::vector<face::OutputSpec> FoldedAdaDf::outputs() const {
  std::vector<face::OutputSpec> out{
      {"logits", "class logits of the target branch, scaled by its attention, in the card's class order", "real"},
      face::face_values("clarity",
                        "attention of the target branch: how clear the expression looks to the network; compare faces "
                        "of one model only",
                        "0..1"),
      {"class_maps",
       "class activation of each class, in the card's class order: the linear layer applied to the features of each "
       "cell, times "
       "clarity; the mean over the cells plus clarity times the layer's bias is the logit",
       "real, logits", nn::kResNetCellStride, nn::kResNetCellFirst}};
  if (ten_crop_) out.pop_back();
  return out;
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
