// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/network.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/nn/float32.h"
#include "mien/nn/shape_text.h"

namespace mien::methods::dan {

at::Tensor fuse(const at::Tensor& heads, bool log_softmax) {
  return log_softmax && heads.size(1) > 1 ? at::log_softmax(heads, /*dim=*/1) : heads;
}

DanNetImpl::DanNetImpl(const DanConfig& c, std::int64_t num_classes, std::int64_t in_channels)
    : log_softmax_fusion(c.fusion == Fusion::log_softmax) {
  const std::int64_t d = 8 * c.width;
  if (c.heads > 0 && c.channel && (d % c.reduction != 0))
    fail_usage(fmt::format("model.reduction = {} does not divide the {} feature channels.", c.reduction, d),
               "Choose a divisor.");
  features = register_module("features", nn::resnet18_features({in_channels, c.width}));
  for (int i = 0; i < c.heads; ++i)
    heads.push_back(register_module("cat_head" + std::to_string(i),
                                    CrossAttention(CrossAttentionOptions{d, c.reduction, c.spatial, c.channel})));
  dropout = register_module("dropout", torch::nn::Dropout(c.dropout));
  fc = register_module("fc", torch::nn::Linear(d, num_classes));
  if (c.heads > 0 && c.final_bn) bn = register_module("bn", torch::nn::BatchNorm1d(num_classes));
}

DanOutput DanNetImpl::forward(const at::Tensor& images) {
  check_input(
      images.dim() == 4 && images.size(2) >= 32 && images.size(3) >= 32,
      fmt::format("DAN needs pictures (B,C,H,W) of 32 pixels or more, got {}.", nn::shape_text(images.sizes())));
  DanOutput out;
  out.features = features->forward(images);
  at::Tensor fused;
  if (heads.empty()) {
    fused = out.features.to(at::kFloat).mean({2, 3});
  } else {
    std::vector<at::Tensor> vectors, maps;
    for (auto& head : heads) {
      out.by_head.push_back(head->forward(out.features));
      vectors.push_back(out.by_head.back().vector);
      if (out.by_head.back().map.defined()) maps.push_back(out.by_head.back().map);
    }
    out.heads = fuse(at::stack(vectors, 1), log_softmax_fusion);
    if (!maps.empty()) out.maps = at::cat(maps, 1);
    fused = out.heads.sum(1);
  }
  // The sum over the heads is of order -1000, where bfloat16 can represent only multiples of 4.
  const nn::Float32 full(images.device().type());
  const at::Tensor logits = fc->forward(dropout->forward(fused));
  out.logits = bn.is_empty() ? logits : bn->forward(logits);
  return out;
}

void initialise(DanNet& network) {
  nn::init_he_fan_out(*network);
  for (auto& head : network->heads) {
    for (const auto& module : head->modules()) {
      if (auto* linear = module->as<torch::nn::Linear>()) {
        torch::nn::init::normal_(linear->weight, 0, 0.001);
        torch::nn::init::zeros_(linear->bias);
      }
    }
  }
  network->fc->reset_parameters();  // LibTorch's default, drawn again under the caller's seed
}

}  // namespace mien::methods::dan
