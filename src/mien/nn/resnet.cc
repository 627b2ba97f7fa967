// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/resnet.h"

namespace mien::nn {

torch::nn::Sequential resnet18_features(const ResNet18Options& o) {
  torch::nn::Sequential features(conv(o.in_channels, o.width, 7, 2, 3), torch::nn::BatchNorm2d(o.width),
                                 torch::nn::ReLU(),
                                 torch::nn::MaxPool2d(torch::nn::MaxPool2dOptions(3).stride(2).padding(1)));
  std::int64_t in = o.width;
  for (int stage = 0; stage < 4; ++stage) {
    const std::int64_t out = o.width << stage;
    features->push_back(ResNetStage(BasicBlock(BasicBlockOptions{in, out, stage == 0 ? 1 : 2}),
                                    BasicBlock(BasicBlockOptions{out, out, 1})));
    in = out;
  }
  return features;
}

nn::RenameRules torchvision_resnet_names() {
  return {
      {{"conv1.", "0."}, {"bn1.", "1."}, {"layer1.", "4."}, {"layer2.", "5."}, {"layer3.", "6."}, {"layer4.", "7."}}};
}

nn::RenameRules backbone_names() {
  nn::RenameRules rules = torchvision_resnet_names();
  rules.prefixes.insert(rules.prefixes.begin(), {{"features.", ""}, {"backbone.", ""}});
  return rules;
}

void init_he_fan_out(torch::nn::Module& module) {
  for (const auto& child : module.modules(/*include_self=*/true)) {
    if (auto* c = child->as<torch::nn::Conv2d>()) {
      torch::nn::init::kaiming_normal_(c->weight, 0, torch::kFanOut, torch::kReLU);
      if (c->bias.defined()) torch::nn::init::zeros_(c->bias);
    } else if (auto* b = child->as<torch::nn::BatchNorm2d>()) {
      torch::nn::init::ones_(b->weight);
      torch::nn::init::zeros_(b->bias);
    }
  }
}

}  // namespace mien::nn
