// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dnfer/network.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/nn/shape_text.h"

namespace mien::methods::dnfer {

DnferNetImpl::DnferNetImpl(const DnferConfig& c, std::int64_t num_classes, std::int64_t in_channels)
    : features(nn::resnet18_features({in_channels, c.width})), classifier(8 * c.width, num_classes) {
  for (const auto& [theirs, ours] : nn::torchvision_resnet_names().prefixes) {  // "layer1." and "4."
    const auto strip = [](std::string s) { return s.substr(0, s.size() - 1); };
    register_module(strip(theirs), features->ptr(std::stoul(strip(ours))));
  }
  register_module("classifier", classifier);
}

DnferOutput DnferNetImpl::forward(const at::Tensor& images) {
  check_input(
      images.dim() == 4 && images.size(2) >= 32 && images.size(3) >= 32,
      fmt::format("DNFER needs pictures (B,C,H,W) of 32 pixels or more, got {}.", nn::shape_text(images.sizes())));
  DnferOutput out;
  out.features = features->forward(images);
  out.logits = classifier->forward(out.features.mean({2, 3})).to(at::kFloat);
  return out;
}

void initialise(DnferNet& network) {
  nn::init_he_fan_out(*network);
  network->classifier->reset_parameters();  // drawn again under the caller's seed
}

}  // namespace mien::methods::dnfer
