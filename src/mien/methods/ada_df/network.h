// SPDX-License-Identifier: Apache-2.0
// Ada-DF's network (paper figure 1): ResNet-18 cut after its first stage; the rest, the classifier and a scalar
// attention unit exist twice. Branch 1 is the auxiliary, branch 2 the target. Keys are the reference's without its
// aliases: feature.{0,1,4}.*, branch_K.{0,1,2}.*, branch_K.4.*, alpha_K.0.*
#pragma once

#include "mien/methods/ada_df/config.h"
#include "mien/nn/resnet.h"

namespace mien::methods::ada_df {

struct BranchOutput {
  at::Tensor map;        ///< (B,D,h,w) of the last stage
  at::Tensor attention;  ///< a_k (B,1) float32, in (0,1)
  at::Tensor logits;     ///< z_k = a_k · classifier_k(f_k) (B,K) float32: bias included in the scaling
};

struct AdaDfOutput {
  BranchOutput auxiliary, target;  ///< auxiliary undefined with a single branch
  at::Tensor attention;            ///< a (B,1) = (a_1 + a_2) / 2: how clear a sample is
};

class AdaDfNetImpl : public torch::nn::Module {
 public:
  AdaDfNetImpl(const AdaDfConfig& config, std::int64_t num_classes, std::int64_t in_channels);
  /// images (B,C,H,W), H and W >= 32
  AdaDfOutput forward(const at::Tensor& images);
  BranchOutput forward_auxiliary(const at::Tensor& images);
  BranchOutput forward_target(const at::Tensor& images);
  bool dual() const { return !branch_1.is_empty(); }
  /// Stem and stages of one branch (1 or 2) as nn::resnet18_features lays them out, sharing the weights.
  torch::nn::Sequential backbone_of(int branch);
  const torch::nn::LinearImpl& target_classifier() const;

  torch::nn::Sequential feature{nullptr}, branch_1{nullptr}, branch_2{nullptr};  ///< branch: three stages, pool, linear
  torch::nn::Sequential alpha_1{nullptr}, alpha_2{nullptr};                      ///< linear D → 1, sigmoid
  torch::nn::Dropout dropout{nullptr};

 private:
  at::Tensor shared(const at::Tensor& images);
};
TORCH_MODULE(AdaDfNet);

/// Section 2, without a file: He-normal convolutions, LibTorch's default for linear layers; branch 2 starts as a copy
/// of branch 1, classifier included; the attention units are drawn separately.
void initialise(AdaDfNet& network);
void copy_auxiliary_to_target(AdaDfNet& network);

}  // namespace mien::methods::ada_df
