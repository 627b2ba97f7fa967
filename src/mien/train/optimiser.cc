// SPDX-License-Identifier: Apache-2.0
#include "mien/train/optimiser.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/method/ranger.h"

namespace mien::train {

Optimiser::Optimiser(const method::Player& player) : options_(player.optimiser), step_count_(at::zeros({}, at::kLong)) {
  using method::OptimiserKind;
  for (const auto& group : player.groups) {
    for (const auto& [name, parameter] : group.parameters) {
      const bool decays = options_.decay_norms_and_biases || parameter.dim() >= 2;
      Slot slot{name, parameter, at::zeros_like(parameter), {}, {}, group.rate_factor, 0};
      if (decays) slot.decay = options_.weight_decay * group.decay_factor;
      if (options_.kind != OptimiserKind::sgd) slot.second = at::zeros_like(parameter);
      if (options_.kind == OptimiserKind::ranger) slot.slow = parameter.detach().clone();
      slots_.push_back(std::move(slot));
    }
  }
}

void Optimiser::zero_grad() {
  for (auto& slot : slots_) slot.parameter.mutable_grad().reset();
}

double Optimiser::clip() {
  if (options_.clip_norm <= 0) return 0;
  double square = 0;
  for (const auto& slot : slots_)
    if (slot.parameter.grad().defined()) square += std::pow(slot.parameter.grad().norm().item<double>(), 2);
  const double norm = std::sqrt(square);
  if (norm > options_.clip_norm)
    for (auto& slot : slots_)
      if (slot.parameter.grad().defined()) slot.parameter.mutable_grad().mul_(options_.clip_norm / (norm + 1e-6));
  return norm;
}

void Optimiser::step_sgd(Slot& slot, double rate) {
  at::Tensor gradient = slot.parameter.grad();
  if (slot.decay != 0) gradient = gradient.add(slot.parameter, slot.decay);
  if (options_.momentum != 0) {
    slot.first.mul_(options_.momentum).add_(gradient);
    gradient = options_.nesterov ? gradient.add(slot.first, options_.momentum) : slot.first;
  }
  slot.parameter.add_(gradient, -rate);
}

void Optimiser::step_adam(Slot& slot, double rate) {
  at::Tensor gradient = slot.parameter.grad();
  if (options_.kind == method::OptimiserKind::adamw)
    slot.parameter.mul_(1 - rate * slot.decay);
  else if (slot.decay != 0)
    gradient = gradient.add(slot.parameter, slot.decay);
  slot.first.mul_(options_.beta1).add_(gradient, 1 - options_.beta1);
  slot.second.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
  const auto t = static_cast<double>(step_count_.item<std::int64_t>());
  const double bias1 = 1 - std::pow(options_.beta1, t), bias2 = 1 - std::pow(options_.beta2, t);
  const at::Tensor denominator = (slot.second.sqrt() / std::sqrt(bias2)).add_(options_.eps);
  slot.parameter.addcdiv_(slot.first, denominator, -rate / bias1);
}

void Optimiser::step_ranger(Slot& slot, double rate) {
  method::RangerState state{slot.first, slot.second, slot.slow};
  method::ranger_update(slot.parameter, slot.parameter.grad(), state,
                        {rate, options_.beta1, options_.beta2, options_.eps, slot.decay},
                        step_count_.item<std::int64_t>());
}

double Optimiser::step(double factor) {
  const torch::NoGradGuard no_grad;
  const double norm = clip();
  step_count_.add_(1);
  for (auto& slot : slots_) {
    if (!slot.parameter.grad().defined()) continue;
    const double rate = options_.rate * factor * slot.rate_factor;
    switch (options_.kind) {
      case method::OptimiserKind::sgd:
        step_sgd(slot, rate);
        break;
      case method::OptimiserKind::adam:
      case method::OptimiserKind::adamw:
        step_adam(slot, rate);
        break;
      case method::OptimiserKind::ranger:
        step_ranger(slot, rate);
        break;
    }
  }
  return norm;
}

nn::NamedTensors Optimiser::state() const {
  nn::NamedTensors out{{"step", step_count_}};
  for (const auto& slot : slots_) {
    out.emplace_back(slot.name + ".first", slot.first);
    if (slot.second.defined()) out.emplace_back(slot.name + ".second", slot.second);
    if (slot.slow.defined()) out.emplace_back(slot.name + ".slow", slot.slow);
  }
  return out;
}

void Optimiser::load_state(const nn::NamedTensors& saved, const std::string& origin) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, target] : state()) {
    const auto found = std::find_if(saved.begin(), saved.end(), [&, n = name](const auto& s) { return s.first == n; });
    check_input(found != saved.end() && found->second.sizes() == target.sizes(),
                fmt::format("{}: the optimiser state has no entry {}.", origin, quote(name)),
                "Only a run's last.safetensors can be resumed.");
    target.copy_(found->second);
  }
}

}  // namespace mien::train
