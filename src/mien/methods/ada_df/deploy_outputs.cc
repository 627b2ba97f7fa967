// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/deploy_outputs.h"

#include "mien/methods/ada_df/crops.h"
#include "mien/nn/class_activation.h"

namespace mien::methods::ada_df {
namespace {

std::vector<method::DeployOutput> logits_and_clarity(const at::Tensor& logits, const at::Tensor& clarity) {
  return {
      {{face::kLogits, "class logits of the target branch, scaled by its attention, in the card's class order", "real"},
       logits},
      {face::face_values("clarity",
                         "attention of the target branch: how clear the expression is for the network; comparable "
                         "only between faces of the same model",
                         "0..1"),
       clarity}};
}

}  // namespace

std::vector<method::DeployOutput> deploy_outputs(const AdaDfNetImpl& network, const BranchOutput& target) {
  auto outputs = logits_and_clarity(target.logits, target.attention);
  outputs.push_back(
      {{face::kClassMaps,
        "class activation of each class, in the card's class order: the linear layer applied to the features of each "
        "cell, times clarity; the mean over the cells plus clarity times the layer's bias is the logit",
        "real, logits", nn::kResNetCellStride, nn::kResNetCellFirst},
       nn::class_activation(target.map, network.target_classifier().weight) *
           target.attention.unsqueeze(-1).unsqueeze(-1)});
  return outputs;
}

std::vector<method::DeployOutput> ten_crop_outputs(const BranchOutput& target) {
  return logits_and_clarity(mean_of_crops(target.logits), mean_of_crops(target.attention));
}

}  // namespace mien::methods::ada_df
