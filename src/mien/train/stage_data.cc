// SPDX-License-Identifier: Apache-2.0
#include "mien/train/stage_data.h"

#include <fmt/core.h>

#include <map>

#include "mien/base/error.h"
#include "mien/pack/noise.h"

namespace mien::train {
namespace {

void check_fit(const pack::Pack& pack, const method::Stage& stage, const method::DataFacts& facts) {
  const auto& info = pack.info();
  check_input(info.channels == facts.input.channels,
              fmt::format("{}: the pictures have {} channels; stage {} needs {}.", pack.path().string(), info.channels,
                          stage.name, facts.input.channels),
              "Pack the data set with the number of channels that the model expects.");
  check_input(!stage.needs.labels || info.classes == facts.classes,
              fmt::format("{}: the classes differ from those of data.pack, but stage {} uses its labels.",
                          pack.path().string(), stage.name),
              "Pack the data set with the same classes.");
}

std::shared_ptr<const batch::PackedSet> open_train_set(std::shared_ptr<const pack::Pack> pack, bool is_main,
                                                       bool needs_labels, const TrainConfig& config) {
  auto set = std::make_shared<batch::PackedSet>(pack, pack::Split::train, static_cast<std::size_t>(config.samples),
                                                static_cast<std::uint64_t>(config.seed), needs_labels);
  if (is_main && !config.truth.empty()) set->set_truth(pack::read_truth(config.truth, *pack));
  return set;
}

}  // namespace

std::vector<StageData> open_stage_data(const std::vector<method::Stage>& stages, const std::vector<StagePlan>& plans,
                                       std::shared_ptr<const pack::Pack> main, const TrainConfig& config,
                                       const method::DataFacts& facts) {
  std::map<std::string, std::shared_ptr<const pack::Pack>> packs{{"", std::move(main)}};
  std::map<std::pair<std::string, bool>, std::shared_ptr<const batch::PackedSet>> sets;
  std::vector<StageData> out(stages.size());
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (!plans[i].is_chosen) continue;
    const auto& needs = stages[i].needs;
    auto& pack = packs[needs.pack];
    if (!pack) pack = std::make_shared<const pack::Pack>(needs.pack);
    check_fit(*pack, stages[i], facts);
    auto& set = sets[{needs.pack, needs.labels}];
    if (!set) set = open_train_set(pack, needs.pack.empty(), needs.labels, config);
    set->require(fields_of(needs));
    out[i] = {pack, set};
  }
  return out;
}

batch::Fields fields_of(const method::BatchNeeds& needs) { return {needs.landmarks, needs.pose, needs.boxes}; }

batch::LoaderOptions loader_options(const method::Stage& stage, const StagePlan& plan, at::Device device,
                                    bool channels_last) {
  const auto& needs = stage.needs;
  batch::LoaderOptions options;
  options.views = needs.views;
  options.sampler = needs.sampler;
  options.batch_size = static_cast<std::size_t>(plan.batch_size);
  options.steps_per_epoch = needs.steps_per_epoch;
  options.drop_last = needs.drop_last;
  options.further = needs.further;
  options.wrap = needs.wrap;
  options.epochs_before = plan.span_begin;
  options.epochs_in_all = plan.span_epochs;
  options.seed = plan.seed;
  options.device = device;
  options.channels_last = channels_last;
  options.fields = fields_of(needs);
  return options;
}

std::int64_t pictures_after(std::size_t stage, const std::vector<method::Stage>& stages,
                            const std::vector<StagePlan>& plans, const std::vector<StageData>& data) {
  std::int64_t pictures = 0;
  for (std::size_t i = stage + 1; i < plans.size(); ++i) {
    if (!plans[i].is_chosen) continue;
    const std::int64_t steps = stages[i].needs.steps_per_epoch;
    const auto per_epoch = steps > 0 ? steps * plans[i].batch_size : static_cast<std::int64_t>(data[i].train->size());
    pictures += plans[i].num_epochs * per_epoch;
  }
  return pictures;
}

std::vector<face::StagePack> own_packs(const std::vector<method::Stage>& stages, const std::vector<StageData>& data) {
  std::vector<face::StagePack> out;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].needs.pack.empty() || !data[i].pack) continue;
    const auto& info = data[i].pack->info();
    out.push_back({stages[i].name, info.data_set, info.licence, data[i].pack->hash()});
  }
  return out;
}

}  // namespace mien::train
