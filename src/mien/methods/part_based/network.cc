// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/network.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::methods::part_based {

PartBasedNetImpl::PartBasedNetImpl(const NetworkOptions& o) : parts(o.parts), rule(o.rule) {
  if (parts.empty())
    fail_usage("model.parts contains no part of the face.", "Add at least one part, for example mouth.");
  for (const Part part : parts) {
    if (std::count(parts.begin(), parts.end(), part) > 1)
      fail_usage(fmt::format("model.parts names {} twice.", quote(name_of(part))), "List each part once.");
    SubNetworkOptions sub = o.sub_network;
    sub.num_points = points_of(part).count();
    networks.push_back(register_module(name_of(part), SubNetwork(sub)));
    standards.push_back({at::zeros({sub.features()}), at::ones({sub.features()})});
  }
  const auto inputs = static_cast<std::int64_t>(parts.size()) * o.sub_network.num_classes;
  if (rule == EnsembleRule::stack)
    stack = register_module("stack", torch::nn::Linear(inputs, o.sub_network.num_classes));
}

at::Tensor PartBasedNetImpl::part_logits(const at::Tensor& images) {
  std::vector<at::Tensor> logits;
  for (std::size_t i = 0; i < networks.size(); ++i)
    logits.push_back(expression(i, networks[i]->features->forward(images)));
  return at::stack(logits, 1);
}

at::Tensor PartBasedNetImpl::expression(std::size_t part, const at::Tensor& features) {
  return networks[part]->expression->forward((features - standards[part].mean) / standards[part].deviation);
}

at::Tensor PartBasedNetImpl::fuse(const at::Tensor& part_logits) {
  if (!stack.is_empty()) return at::softmax(stack_logits(part_logits), 1);
  return combine(at::softmax(part_logits.to(at::kFloat), 2), rule);
}

at::Tensor PartBasedNetImpl::stack_logits(const at::Tensor& part_logits) {
  return stack->forward(at::softmax(part_logits.to(at::kFloat), 2).flatten(1)).to(at::kFloat);
}

void initialise(PartBasedNet& network) {
  for (auto& sub : network->networks) initialise(sub);
  for (Standard& standard : network->standards) {
    standard.mean.zero_();
    standard.deviation.fill_(1);
  }
  if (network->stack.is_empty()) return;
  const torch::NoGradGuard no_grad;
  const std::int64_t classes = network->stack->weight.size(0);
  network->stack->weight.copy_(torch::eye(classes).repeat({1, network->stack->weight.size(1) / classes}));
  network->stack->bias.zero_();
}

}  // namespace mien::methods::part_based
