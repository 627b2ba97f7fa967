// SPDX-License-Identifier: Apache-2.0
#include "mien/train/ema.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::train {

double average_decay(const method::MovingAverage& options, std::int64_t n) {
  const auto updates = static_cast<double>(n);
  switch (options.warm_up) {
    case method::AverageWarmUp::none:
      return options.decay;
    case method::AverageWarmUp::ratio:
      return std::min(options.decay, (1 + updates) / (10 + updates));
    case method::AverageWarmUp::exponential:
      return options.decay * (1 - std::exp(-updates / options.warm_up_updates));
  }
  return options.decay;
}

Ema::Ema(const torch::nn::Module& network, method::MovingAverage options)
    : options_(std::move(options)), updates_(at::zeros({}, at::kLong)) {
  for (const auto& [key, value] : nn::state_of(network)) {
    if (!key.starts_with(options_.prefix)) continue;
    live_.emplace_back(key, value);
    shadow_.emplace_back(key, value.detach().clone());
  }
  check_input(!live_.empty(),
              fmt::format("The moving average of {} covers no part of the network.", quote(options_.prefix)),
              "Use a prefix of its state-dict keys.");
}

void Ema::update() {
  const torch::NoGradGuard no_grad;
  updates_.add_(1);
  const double d = average_decay(options_, updates_.item<std::int64_t>());
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (live_[i].second.is_floating_point())
      shadow_[i].second.lerp_(live_[i].second.detach(), 1 - d);
    else
      shadow_[i].second.copy_(live_[i].second);
  }
}

void Ema::apply() {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < live_.size(); ++i) live_[i].second.copy_(shadow_[i].second);
}

void Ema::continue_from(const Ema& earlier) { load_state(earlier.state(), "the previous stage"); }

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
  out.emplace_back(options_.prefix + "updates", updates_);
  return out;
}

void Ema::load_state(const nn::NamedTensors& saved, const std::string& origin) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, target] : state()) {
    const auto found = std::find_if(saved.begin(), saved.end(), [&, n = name](const auto& s) { return s.first == n; });
    check_input(found != saved.end() && found->second.sizes() == target.sizes(),
                fmt::format("{}: the moving average has no entry {}.", origin, quote(name)),
                "Only a run's last.safetensors can be resumed.");
    target.copy_(found->second);
  }
}

}  // namespace mien::train
