// SPDX-License-Identifier: Apache-2.0
// FDRL's network (paper figure 2): ResNet-18, mean pooling, decomposition (FDN), reconstruction (FRN), one linear layer
// (EPN). Keys are those of the public re-implementation: backbone.{0,1,4..7}.*, fdn.fdn_fcJ.0.*,
// frn.intra_rm.intra_fcJ.0.*, frn.inter_rm.inter_fcJ.0.*, epn.*
#pragma once

#include "mien/methods/fdrl/relation.h"
#include "mien/nn/resnet.h"

namespace mien::methods::fdrl {

/// M linear layers of one kind, children NAME_fc0, NAME_fc1, ...
class LatentLinearsImpl : public torch::nn::Module {
 public:
  LatentLinearsImpl(const std::string& name, std::int64_t count, std::int64_t in, std::int64_t out);
  StackedLinear stacked() const;  ///< with gradients into the layers
  void reset_parameters();        ///< LibTorch's default

 private:
  std::vector<torch::nn::Linear> layers_;
};
TORCH_MODULE(LatentLinears);

struct FdrlOutput {
  at::Tensor map;    ///< F (N,P,h,w) of the last stage
  at::Tensor basic;  ///< x (N,P): its mean
  Reconstruction parts;
  at::Tensor logits;  ///< (N,K) float32
};

class FdrlNetImpl : public torch::nn::Module {
 public:
  FdrlNetImpl(const FdrlConfig& config, std::int64_t num_classes, std::int64_t in_channels);
  /// images (N,C,H,W), H and W >= 32. All after the pooling is float32 (trap 10).
  FdrlOutput forward(const at::Tensor& images);
  /// The current layers; disabled ones are undefined.
  FdrlLayers layers() const;
  const FdrlConfig& config() const { return config_; }

  torch::nn::Sequential backbone{nullptr};
  LatentLinears fdn{nullptr}, intra_rm{nullptr}, inter_rm{nullptr};
  torch::nn::Linear epn{nullptr};
  torch::nn::Dropout dropout{nullptr};

 private:
  FdrlConfig config_;
};
TORCH_MODULE(FdrlNet);

/// He-normal convolutions, LibTorch's default for linear layers (card section 2).
void initialise(FdrlNet& network);

}  // namespace mien::methods::fdrl
