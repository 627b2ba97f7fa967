// SPDX-License-Identifier: Apache-2.0
#include "mien/train/stage_run.h"

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"
#include "mien/base/random.h"
#include "mien/base/text.h"
#include "mien/train/checkpoint.h"

namespace mien::train {

void LossMeans::add(const std::string& name, double value) {
  auto at = std::find_if(sums_.begin(), sums_.end(), [&](const Sum& s) { return s.name == name; });
  if (at == sums_.end()) at = sums_.insert(sums_.end(), Sum{name});
  at->sum += value;
  ++at->count;
}

std::vector<std::pair<std::string, double>> LossMeans::means() const {
  std::vector<std::pair<std::string, double>> out;
  for (const auto& s : sums_) out.emplace_back(s.name, s.sum / static_cast<double>(std::max<std::int64_t>(1, s.count)));
  return out;
}

Json LossMeans::to_json() const {
  Json out = Json::array();
  for (const auto& s : sums_) out.push_back({s.name, s.sum, s.count});
  return out;
}

void LossMeans::load(const Json& json) {
  sums_.clear();
  for (const auto& row : json)
    sums_.push_back({row.at(0).get<std::string>(), row.at(1).get<double>(), row.at(2).get<std::int64_t>()});
}

StageRun::StageRun(method::Method& method, method::Stage stage, const TrainConfig& config, at::Device device,
                   bool bfloat16)
    : method_(method), stage_(std::move(stage)), config_(config), device_(device), bfloat16_(bfloat16) {
  for (const auto& player : stage_.players) optimisers_.emplace_back(player);
  const bool averages = std::any_of(stage_.players.begin(), stage_.players.end(), [](const auto& p) { return p.ema; });
  if (averages && config.ema_decay > 0) ema_.emplace(method.network(), config.ema_decay);
}

void StageRun::set_modes(int epoch) {
  method_.network().train();
  for (const auto& module : method_.network().named_modules())
    for (const auto& norms : stage_.inference_norms)
      if (epoch >= norms.from_epoch && module.key().starts_with(norms.prefix)) module.value()->eval();
  for (auto& parameter : method_.network().named_parameters()) {
    const bool frozen = std::any_of(stage_.frozen.begin(), stage_.frozen.end(),
                                    [&](const auto& p) { return parameter.key().starts_with(p); });
    parameter.value().requires_grad_(!frozen);
  }
}

double StageRun::rate(const method::StepContext& c) const {
  const auto& options = stage_.players.front().optimiser;
  return options.rate * method::schedule_factor(options.schedule, c.step, c.steps_per_epoch, c.num_epochs);
}

void StageRun::step(const batch::Batch& batch, const method::StepContext& c, LossMeans& means) {
  // Dropout and the like draw from a stream that belongs to the step, so that a resumed run draws the same.
  nn::seed_everything(
      Random::stream(static_cast<std::uint64_t>(config_.seed), "step", static_cast<std::uint64_t>(c.step)).next());
  for (const auto& turn : stage_.turns) {
    if (c.step % turn.every != 0) continue;
    if (stage_.turns.size() > 1) set_modes(c.epoch);  // the turn before may have changed them
    Optimiser& optimiser = optimisers_.at(turn.player);
    method::Losses losses;
    {
      const nn::Autocast autocast(bfloat16_, device_.type());
      losses = turn.losses(batch, c);
    }
    for (auto& every : optimisers_) every.zero_grad();
    const at::Tensor total = method::total(losses);
    total.backward();
    for (const auto& term : losses) means.add(term.name, term.value.item<double>());
    const auto value = total.item<double>();
    if (!std::isfinite(value))
      throw Error(ErrorKind::failed, text("The loss is not finite at epoch ", c.epoch + 1, ", step ", c.step, "."),
                  "Lower optimiser.rate, or set optimiser.clip_norm; the last checkpoint is kept.");
    means.add("total", value);
    const auto& schedule = stage_.players[turn.player].optimiser.schedule;
    optimiser.step(method::schedule_factor(schedule, c.step, c.steps_per_epoch, c.num_epochs));
    if (ema_ && stage_.players[turn.player].ema) ema_->update();
  }
  if (stage_.hooks.after_step) stage_.hooks.after_step(batch, c);
}

nn::NamedTensors StageRun::state() const {
  nn::NamedTensors out;
  for (std::size_t i = 0; i < optimisers_.size(); ++i)
    for (const auto& [name, value] : optimisers_[i].state())
      out.emplace_back("optimiser." + stage_.players[i].name + "." + name, value);
  if (ema_)
    for (const auto& [name, value] : ema_->state()) out.emplace_back("ema." + name, value);
  return out;
}

void StageRun::load_state(const nn::NamedTensors& saved, const std::string& origin) {
  for (std::size_t i = 0; i < optimisers_.size(); ++i)
    optimisers_[i].load_state(with_prefix_removed(saved, "optimiser." + stage_.players[i].name + "."), origin);
  if (ema_) ema_->load_state(with_prefix_removed(saved, "ema."), origin);
}

}  // namespace mien::train
