// SPDX-License-Identifier: Apache-2.0
#include "mien/train/ema.h"

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::train {

Ema::Ema(const torch::nn::Module& network, double decay)
    : live_(nn::state_of(network)), decay_(decay), updates_(at::zeros({}, at::kLong)) {
  for (const auto& [key, value] : live_) shadow_.emplace_back(key, value.detach().clone());
}

void Ema::update() {
  const torch::NoGradGuard no_grad;
  updates_.add_(1);
  const auto n = static_cast<double>(updates_.item<std::int64_t>());
  const double d = std::min(decay_, (1 + n) / (10 + n));
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (live_[i].second.is_floating_point())
      shadow_[i].second.lerp_(live_[i].second.detach(), 1 - d);
    else
      shadow_[i].second.copy_(live_[i].second);
  }
}

void Ema::swap() {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    const at::Tensor kept = live_[i].second.detach().clone();
    live_[i].second.copy_(shadow_[i].second);
    shadow_[i].second.copy_(kept);
  }
}

nn::NamedTensors Ema::state() const {
  nn::NamedTensors out = shadow_;
  out.emplace_back("updates", updates_);
  return out;
}

void Ema::load_state(const nn::NamedTensors& saved, const std::string& origin) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, target] : state()) {
    const auto found = std::find_if(saved.begin(), saved.end(), [&, n = name](const auto& s) { return s.first == n; });
    check_input(found != saved.end() && found->second.sizes() == target.sizes(),
                text(origin, ": moving average lacks ", quote(name), "."),
                "Only a run's last.safetensors can be resumed.");
    target.copy_(found->second);
  }
}

}  // namespace mien::train
