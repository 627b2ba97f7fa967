// SPDX-License-Identifier: Apache-2.0
#include "mien/train/plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "mien/base/error.h"
#include "mien/base/random.h"
#include "mien/base/text.h"

namespace mien::train {
namespace {

/// A mistake of the method's author.
void require(bool condition, const method::Stage& stage, const char* message) {
  if (!condition) throw Error(ErrorKind::failed, fmt::format("Stage {}: {}", quote(stage.name), message));
}

bool is_file_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

void check_averages(const method::Stage& stage) {
  std::vector<std::string> prefixes;
  for (const auto& player : stage.players) {
    if (!player.average) continue;
    const auto& prefix = player.average->prefix;
    for (const auto& other : prefixes)
      require(!prefix.starts_with(other) && !other.starts_with(prefix), stage, "two moving averages overlap.");
    prefixes.push_back(prefix);
  }
}

void check(const method::Stage& stage) {
  require(is_file_name(stage.name), stage, "a name consists of lower-case letters, digits and hyphens.");
  require(!stage.players.empty() && !stage.turns.empty(), stage, "it needs at least one player and one turn.");
  std::set<std::string> players;
  for (const auto& player : stage.players)
    require(players.insert(player.name).second, stage, "two players have the same name.");
  for (const auto& turn : stage.turns) {
    require(turn.player < stage.players.size(), stage, "a turn belongs to no player.");
    require(turn.every >= 1, stage, "a turn has an interval of 0 steps.");
  }
  check_averages(stage);
}

void choose(const std::vector<method::Stage>& stages, const TrainConfig& config, std::vector<StagePlan>& plans) {
  if (config.stages.empty()) return;
  std::vector<std::string> names;
  for (const auto& stage : stages) names.push_back(stage.name);
  for (const auto& name : config.stages)
    if (std::find(names.begin(), names.end(), name) == names.end())
      fail_usage(fmt::format("train.stages: {} has no stage {}.", config.method, quote(name)),
                 did_you_mean(name, names));
  for (std::size_t i = 0; i < stages.size(); ++i)
    plans[i].is_chosen = std::find(config.stages.begin(), config.stages.end(), names[i]) != config.stages.end();
}

/// Stages that continue the count share the sum of their epochs.
void lay_out_spans(const std::vector<method::Stage>& stages, std::vector<StagePlan>& plans) {
  for (std::size_t begin = 0; begin < stages.size();) {
    std::size_t end = begin + 1;
    while (end < stages.size() && stages[end].counts_on) ++end;
    int epochs = 0;
    for (std::size_t i = begin; i < end; ++i) {
      plans[i].span_begin = epochs;
      epochs += plans[i].num_epochs;
    }
    for (std::size_t i = begin; i < end; ++i) plans[i].span_epochs = epochs;
    begin = end;
  }
}

}  // namespace

std::vector<StagePlan> plan_stages(const std::vector<method::Stage>& stages, const TrainConfig& config) {
  std::vector<StagePlan> plans;
  std::set<std::string> names;
  const auto seed = static_cast<std::uint64_t>(config.seed);
  for (const auto& stage : stages) {
    check(stage);
    require(names.insert(stage.name).second, stage, "two stages have this name.");
    StagePlan plan;
    plan.num_epochs = stage.epochs > 0 ? stage.epochs : config.epochs;
    plan.batch_size = stage.needs.batch_size > 0 ? stage.needs.batch_size : config.batch_size;
    plan.seed = plans.empty() ? seed : Random::stream(seed, "stage", plans.size()).next();
    plans.push_back(plan);
  }
  choose(stages, config, plans);
  lay_out_spans(stages, plans);
  return plans;
}

}  // namespace mien::train
