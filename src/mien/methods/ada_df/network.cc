// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/network.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/nn/shape_text.h"

namespace mien::methods::ada_df {
namespace {

constexpr std::size_t kSharedParts = 5, kStages = 3, kClassifier = 4;

torch::nn::LinearImpl& linear_at(const torch::nn::Sequential& s, std::size_t i) {
  return *(*s)[i]->as<torch::nn::Linear>();
}

/// Children first .. first+count-1 of a sequence, sharing the modules.
void append(torch::nn::Sequential& to, torch::nn::Sequential& from, std::size_t first, std::size_t count) {
  for (std::size_t i = first; i < first + count; ++i) to->push_back(*(from->begin() + static_cast<std::ptrdiff_t>(i)));
}

torch::nn::Sequential make_branch(torch::nn::Sequential resnet, std::int64_t channels, std::int64_t num_classes) {
  torch::nn::Sequential branch;
  append(branch, resnet, kSharedParts, kStages);
  branch->push_back(torch::nn::AdaptiveAvgPool2d(1));
  branch->push_back(torch::nn::Linear(channels, num_classes));
  return branch;
}

BranchOutput run_branch(torch::nn::Sequential& branch, torch::nn::Sequential& alpha, const at::Tensor& x0) {
  BranchOutput out;
  out.map = x0;
  for (std::size_t i = 0; i < kStages; ++i) out.map = branch[i]->as<nn::ResNetStage>()->forward(out.map);
  const at::Tensor f = out.map.to(at::kFloat).mean({2, 3});
  // Weights of a batch are close together and are ranked: the sum of products stays in float32 under mixed precision.
  const auto& unit = linear_at(alpha, 0);
  out.attention = at::sigmoid((f * unit.weight).sum(1, /*keepdim=*/true) + unit.bias);
  out.logits = out.attention * linear_at(branch, kClassifier).forward(f).to(at::kFloat);
  return out;
}

}  // namespace

AdaDfNetImpl::AdaDfNetImpl(const AdaDfConfig& c, std::int64_t num_classes, std::int64_t in_channels) {
  const nn::ResNet18Options options{in_channels, c.width};
  const std::int64_t d = 8 * c.width;
  auto resnet = nn::resnet18_features(options);
  torch::nn::Sequential first;
  append(first, resnet, 0, kSharedParts);
  feature = register_module("feature", first);
  auto alpha = [d] { return torch::nn::Sequential(torch::nn::Linear(d, 1), torch::nn::Sigmoid()); };
  if (c.dual()) {
    branch_1 = register_module("branch_1", make_branch(resnet, d, num_classes));
    alpha_1 = register_module("alpha_1", alpha());
  }
  branch_2 =
      register_module("branch_2", make_branch(c.dual() ? nn::resnet18_features(options) : resnet, d, num_classes));
  alpha_2 = register_module("alpha_2", alpha());
  dropout = register_module("dropout", torch::nn::Dropout(c.drop_rate));
}

at::Tensor AdaDfNetImpl::shared(const at::Tensor& images) {
  check_input(
      images.dim() == 4 && images.size(2) >= 32 && images.size(3) >= 32,
      fmt::format("Ada-DF needs pictures (B,C,H,W) of 32 pixels or more, got {}.", nn::shape_text(images.sizes())));
  return dropout->forward(feature->forward(images));
}

AdaDfOutput AdaDfNetImpl::forward(const at::Tensor& images) {
  const at::Tensor x0 = shared(images);
  AdaDfOutput out;
  out.target = run_branch(branch_2, alpha_2, x0);
  if (dual()) out.auxiliary = run_branch(branch_1, alpha_1, x0);
  out.attention = dual() ? (out.auxiliary.attention + out.target.attention) / 2 : out.target.attention;
  return out;
}

BranchOutput AdaDfNetImpl::forward_auxiliary(const at::Tensor& images) {
  return run_branch(branch_1, alpha_1, shared(images));
}
BranchOutput AdaDfNetImpl::forward_target(const at::Tensor& images) {
  return run_branch(branch_2, alpha_2, shared(images));
}

torch::nn::Sequential AdaDfNetImpl::backbone_of(int branch) {
  torch::nn::Sequential whole;
  append(whole, feature, 0, kSharedParts);
  append(whole, branch == 1 ? branch_1 : branch_2, 0, kStages);
  return whole;
}

const torch::nn::LinearImpl& AdaDfNetImpl::target_classifier() const { return linear_at(branch_2, kClassifier); }

void copy_auxiliary_to_target(AdaDfNet& network) {
  nn::load_state(*network->branch_2, nn::state_of(*network->branch_1), "branch_1");
}

void initialise(AdaDfNet& network) {
  nn::init_he_fan_out(*network);
  for (const auto& module : network->modules())
    if (auto* linear = module->as<torch::nn::Linear>())
      linear->reset_parameters();  // drawn again under the caller's seed
  if (network->dual()) copy_auxiliary_to_target(network);
}

}  // namespace mien::methods::ada_df
