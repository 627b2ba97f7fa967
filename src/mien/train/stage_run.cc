// SPDX-License-Identifier: Apache-2.0
#include "mien/train/stage_run.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"
#include "mien/base/random.h"
#include "mien/base/text.h"
#include "mien/train/checkpoint.h"
#include "mien/train/checkpoint_writer.h"

namespace mien::train {
namespace {

constexpr std::int64_t kMostNames = 8;

std::string pictures_text(const pack::Pack& pack, const batch::Batch& batch) {
  std::vector<std::string> names;
  const std::int64_t count = batch.index.size(0);
  for (std::int64_t i = 0; i < std::min(count, kMostNames); ++i)
    names.push_back(pack.sample(static_cast<std::size_t>(batch.index[i].item<std::int64_t>())).source);
  return fmt::format("{}{}", join(names, ", "), count > kMostNames ? fmt::format(", ... ({} in total)", count) : "");
}

bool starts_with_any(const std::string& key, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const auto& prefix) { return key.starts_with(prefix); });
}

}  // namespace

StageRun::StageRun(method::Method& method, const method::Stage& stage, const pack::Pack& pack, StageRunOptions options)
    : method_(method), stage_(stage), pack_(pack), options_(options) {
  for (std::size_t i = 0; i < stage.players.size(); ++i) {
    const auto& player = stage.players[i];
    optimisers_.emplace_back(player);
    if (!player.average) continue;
    method::MovingAverage average = *player.average;
    if (average.decay == 0) average.decay = options.ema_decay;
    if (average.decay == 0) continue;
    averages_.emplace_back(method.network(), average);
    averaged_players_.push_back(i);
  }
}

void StageRun::set_modes(int epoch) {
  method_.network().train();
  if (!stage_.inference_norms.empty())
    for (const auto& module : method_.network().named_modules())
      for (const auto& norms : stage_.inference_norms)
        if (epoch >= norms.from_epoch && module.key().starts_with(norms.prefix)) module.value()->eval();
  for (auto& parameter : method_.network().named_parameters())
    parameter.value().requires_grad_(!starts_with_any(parameter.key(), stage_.frozen));
}

double StageRun::factor(const method::Player& player, const method::StepContext& c) const {
  return method::schedule_factor(player.optimiser.schedule, c.span_step(), c.steps_per_epoch, c.epochs_in_span());
}

std::vector<std::pair<std::string, double>> StageRun::rates(const method::StepContext& c) const {
  std::vector<std::pair<std::string, double>> out;
  for (const auto& player : stage_.players) out.emplace_back(player.name, player.optimiser.rate * factor(player, c));
  return out;
}

/// The prefix of the turn's terms in logs: its player if there are several, and its own name.
std::string StageRun::label_of(const method::Turn& turn) const {
  std::string label = stage_.players.size() > 1 ? stage_.players[turn.player].name + "." : "";
  if (!turn.name.empty()) label += turn.name + ".";
  return label;
}

void StageRun::fail_not_finite(const method::Turn& turn, const method::Losses& losses, const batch::Batch& batch,
                               const method::StepContext& c) const {
  const auto bad = std::find_if(losses.begin(), losses.end(), [](const auto& term) {
    return term.weight != 0 && !std::isfinite(term.value.template item<double>());
  });
  const std::string term = bad == losses.end() ? "the sum" : "term " + quote(bad->name);
  throw Error(
      ErrorKind::failed,
      fmt::format("The loss is not finite at epoch {}, step {} of stage {}, player {}: {}, pictures {}.", c.epoch + 1,
                  c.step, stage_.name, stage_.players[turn.player].name, term, pictures_text(pack_, batch)),
      kNotFiniteRemedy);
}

void StageRun::take_turn(const method::Turn& turn, const batch::Batch& batch, const method::StepContext& c,
                         LossMeans& means) {
  set_modes(c.epoch);  // the previous turn, a hook or a validation may have changed them
  method::Losses losses;
  {
    const nn::Autocast autocast(options_.bfloat16, options_.device.type());
    losses = turn.losses(batch, c);
  }
  for (auto& optimiser : optimisers_) optimiser.zero_grad();
  const at::Tensor total = method::total(losses);
  total.backward();
  const std::string label = label_of(turn);
  for (const auto& term : losses) means.add(label + term.name, term.value.item<double>());
  const auto value = total.item<double>();
  if (!std::isfinite(value)) fail_not_finite(turn, losses, batch, c);
  means.add(label + "total", value);
  optimisers_[turn.player].step(factor(stage_.players[turn.player], c));
}

void StageRun::update_averages(const method::StepContext& c) {
  for (std::size_t i = 0; i < averages_.size(); ++i)
    if (std::any_of(stage_.turns.begin(), stage_.turns.end(), [&](const method::Turn& turn) {
          return turn.player == averaged_players_[i] && c.step % turn.every == 0;
        }))
      averages_[i].update();
}

void StageRun::step(const batch::Batch& batch, const method::StepContext& c, LossMeans& means) {
  // Dropout and similar layers draw from a stream of the step, so that a resumed run draws the same numbers.
  nn::seed_everything(Random::stream(options_.plan.seed, "step", static_cast<std::uint64_t>(c.step)).next());
  for (const auto& turn : stage_.turns)
    if (c.step % turn.every == 0) take_turn(turn, batch, c, means);
  if (stage_.hooks.after_step) stage_.hooks.after_step(batch, c);
  update_averages(c);
}

void StageRun::swap_averages() {
  for (auto& average : averages_) average.swap();
}

void StageRun::continue_averages(const std::vector<Ema>& earlier) {
  for (auto& average : averages_)
    for (const auto& other : earlier)
      if (average.options().counts_on && average.options().prefix == other.options().prefix)
        average.continue_from(other);
}

nn::NamedTensors StageRun::state() const {
  nn::NamedTensors out;
  for (std::size_t i = 0; i < optimisers_.size(); ++i)
    for (const auto& [name, value] : optimisers_[i].state())
      out.emplace_back("optimiser." + stage_.players[i].name + "." + name, value);
  for (const auto& average : averages_)
    for (const auto& [name, value] : average.state()) out.emplace_back("ema." + name, value);
  return out;
}

void StageRun::load_state(const nn::NamedTensors& saved, const std::string& origin) {
  for (std::size_t i = 0; i < optimisers_.size(); ++i)
    optimisers_[i].load_state(with_prefix_removed(saved, "optimiser." + stage_.players[i].name + "."), origin);
  for (auto& average : averages_) average.load_state(with_prefix_removed(saved, "ema."), origin);
}

}  // namespace mien::train
