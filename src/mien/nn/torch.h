// SPDX-License-Identifier: Apache-2.0
// The one place for the differences between LibTorch 2.11 and 2.13. What it includes is precompiled (CMakeLists.txt).
#pragma once

#include <ATen/autocast_mode.h>
#include <torch/torch.h>

namespace mien::nn {

/// Runs convolutions and linear layers in bfloat16 during its lifetime (autocast); `enabled` false: does nothing.
class Autocast {
 public:
  Autocast(bool enabled, at::DeviceType device) : enabled_(enabled), device_(device) {
    if (!enabled_) return;
    at::autocast::set_autocast_enabled(device_, true);
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
  }
  ~Autocast() {
    if (!enabled_) return;
    at::autocast::set_autocast_enabled(device_, false);
    at::autocast::clear_cache();  // cached bfloat16 weights are stale after the optimiser's step
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool enabled_;
  at::DeviceType device_;
};

}  // namespace mien::nn
