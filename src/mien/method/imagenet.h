// SPDX-License-Identifier: Apache-2.0
// The scaling of networks that were trained on ImageNet, which most published files need.
#pragma once

#include <fmt/core.h>

#include <string>
#include <vector>

namespace mien::method {

/// Settings for ImportRules::config: colour, ImageNet's mean and deviation of values 0..1, a square input of `side`
/// pixels.
inline std::vector<std::string> imagenet_settings(int side = 224) {
  return {fmt::format("input.size={}", side), "input.mean=[0.485, 0.456, 0.406]", "input.std=[0.229, 0.224, 0.225]"};
}

}  // namespace mien::method
