// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/stage_parts.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/methods/ifer/views.h"

namespace mien::methods::ifer {

method::Stage unlabelled_stage(const std::string& name, const StageConfig& c, const face::InputSpec& input) {
  method::Stage stage;
  stage.name = name;
  stage.epochs = c.epochs;
  stage.needs.pack = c.pack;
  stage.needs.labels = false;
  stage.needs.views = {face_view(input)};
  stage.needs.batch_size = c.batch_size;
  stage.needs.steps_per_epoch = c.steps_per_epoch;
  stage.hooks.stage_begin = [input, name](method::HookContext&) { require_half_scaling(input, name); };
  return stage;
}

method::ParameterGroup parameters_of(torch::nn::Module& part, const std::string& prefix) {
  method::ParameterGroup group{"all", {}};
  for (const auto& p : part.named_parameters()) group.parameters.emplace_back(prefix + p.key(), p.value());
  return group;
}

void require_half_scaling(const face::InputSpec& input, const std::string& stage) {
  const auto is_half = [](float value) { return value == 0.5f; };
  if (std::all_of(input.mean.begin(), input.mean.end(), is_half) &&
      std::all_of(input.std.begin(), input.std.end(), is_half))
    return;
  fail_usage(fmt::format("Stage {} needs pictures in -1..1.", quote(stage)),
             "Set input.mean=[0.5] and input.std=[0.5].");
}

FrozenParameters::FrozenParameters(torch::nn::Module& module) {
  for (auto& p : module.parameters())
    if (p.requires_grad()) parameters_.push_back(p);
  for (auto& p : parameters_) p.requires_grad_(false);
}

FrozenParameters::~FrozenParameters() {
  for (auto& p : parameters_) p.requires_grad_(true);
}

}  // namespace mien::methods::ifer
