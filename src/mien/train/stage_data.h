// SPDX-License-Identifier: Apache-2.0
// The pictures of each stage: from data.pack, or from the stage's own pack.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mien/batch/loader.h"
#include "mien/face/provenance.h"
#include "mien/method/method.h"
#include "mien/train/config.h"
#include "mien/train/plan.h"

namespace mien::train {

struct StageData {
  std::shared_ptr<const pack::Pack> pack;
  std::shared_ptr<const batch::PackedSet> train;  ///< null for a stage that does not run
};

/// One entry per stage. Throws missing, or bad_input if a pack lacks what the stage needs.
std::vector<StageData> open_stage_data(const std::vector<method::Stage>& stages, const std::vector<StagePlan>& plans,
                                       std::shared_ptr<const pack::Pack> main, const TrainConfig& config,
                                       const method::DataFacts& facts);

/// Fields of the stage's batches in addition to labels.
batch::Fields fields_of(const method::BatchNeeds& needs);

/// The options of the stage's loader, with the plan's random streams.
batch::LoaderOptions loader_options(const method::Stage& stage, const StagePlan& plan, at::Device device,
                                    bool channels_last);

/// Training pictures, repetitions included, of the chosen stages after the one with this index: the time left counts
/// them, because the batches of stages may differ in size.
std::int64_t pictures_after(std::size_t stage, const std::vector<method::Stage>& stages,
                            const std::vector<StagePlan>& plans, const std::vector<StageData>& data);

/// The stages' own packs; empty if all stages use data.pack.
std::vector<face::StagePack> own_packs(const std::vector<method::Stage>& stages, const std::vector<StageData>& data);

}  // namespace mien::train
