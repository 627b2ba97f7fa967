// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/scan_cci/network.h"

#include "mien/nn/resnet.h"

namespace mien::methods::scan_cci {
namespace {

/// Side of F2: three halvings in ResNet-50 (stem, pool, second stage), two in the narrow base; each rounds up.
std::int64_t f2_side(Trunk trunk, std::int64_t side) {
  const int halvings = trunk == Trunk::resnet50 ? 3 : 2;
  for (int i = 0; i < halvings; ++i) side = (side + 1) / 2;
  return side;
}

void draw_again(torch::nn::Module& part) {
  for (const auto& module : part.modules(/*include_self=*/false)) {
    if (auto* conv = module->as<torch::nn::Conv2d>()) conv->reset_parameters();
    if (auto* conv = module->as<torch::nn::Conv1d>()) conv->reset_parameters();
    if (auto* linear = module->as<torch::nn::Linear>()) linear->reset_parameters();
    if (auto* norm = module->as<torch::nn::BatchNorm2d>()) norm->reset_parameters();
  }
}

}  // namespace

ScanCciNetImpl::ScanCciNetImpl(const ScanCciConfig& c, std::int64_t num_classes, std::int64_t in_channels,
                               std::int64_t side)
    : config_(c) {
  base = register_module("base", Base(c.trunk, c.layout, in_channels));
  if (c.has_attention())
    attention =
        register_module("attention", AttentionBranch(c, base->f2_channels(), f2_side(c.trunk, side), num_classes));
  if (c.cci) region = register_module("region", ContextBranch(c, base->f3_channels(), num_classes));
}

ScanCciOutput ScanCciNetImpl::forward(const at::Tensor& images) {
  ScanCciOutput out;
  out.base = base->forward(images);
  const bool needs_attention = config_.heads == Heads::all || is_training();
  if (!attention.is_empty() && needs_attention) out.attention = attention->forward(out.base.f2);
  if (!region.is_empty()) out.context = region->forward(out.base.f3);
  at::Tensor sum;
  double heads = 0;
  if (out.context.logits.defined()) {
    sum = out.context.logits.sum(1);
    heads += static_cast<double>(out.context.logits.size(1));
  }
  if (out.attention.logits.defined() && config_.heads == Heads::all) {
    sum = sum.defined() ? sum + out.attention.logits : out.attention.logits;
    heads += 1;
  }
  out.logits = sum / heads;
  return out;
}

void initialise(ScanCciNet& network) {
  draw_again(*network->base);
  nn::init_he_fan_out(*network->base);
  if (!network->attention.is_empty()) draw_again(*network->attention);
  if (!network->region.is_empty()) draw_again(*network->region);
}

}  // namespace mien::methods::scan_cci
