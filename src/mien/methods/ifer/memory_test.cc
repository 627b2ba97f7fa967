// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "support/errors.h"
#include "support/method_case.h"

namespace mien::methods::ifer {

testing::MethodCase method_case();

namespace {

using ::testing::HasSubstr;

class Memory : public ::testing::TestWithParam<std::size_t> {
 protected:
  static constexpr int kRows = 8;

  Memory() : method_(testing::build(*make_config(), rows())), stage_(method_->stages().at(GetParam())) {
    for (const auto& [name, value] : method_->extra_state()) check_.path_mean = value;
    check_.network = IferNet(std::dynamic_pointer_cast<IferNetImpl>(method_->network().shared_from_this()));
    check_.setting = "a.setting";
    batch_ = testing::batch_for(stage_, rows());
  }
  static testing::MethodCase rows() {
    testing::MethodCase small = method_case();
    small.rows = kRows;
    return small;
  }
  nn::NamedTensors state(bool copies = false) {
    nn::NamedTensors all = nn::state_of(method_->network());
    for (const auto& extra : method_->extra_state()) all.push_back(extra);
    for (auto& [name, value] : all)
      if (copies) value = value.clone();
    return all;
  }
  /// Moments of Adam, or those and the slow weights of Ranger; the average.
  double bytes_kept() const {
    double bytes = 0;
    for (const auto& player : stage_.players)
      for (const auto& [name, value] : player.groups.at(0).parameters)
        bytes += 4 * static_cast<double>(value.numel()) *
                 (player.optimiser.kind == method::OptimiserKind::ranger ? 3 : 2 + (player.average ? 1 : 0));
    return bytes;
  }
  /// Memory of a whole step, as in the Trainer.
  double peak() {
    return nn::peak_memory(at::kCPU, [&] {
      for (const auto& turn : stage_.turns) {
        const auto total = method::total(turn.losses(batch_, {}));
        method_->network().zero_grad();
        total.backward();
      }
    });
  }
  void begin(std::optional<double> free) {
    stage_.hooks.stage_begin = {};
    check_.free_memory = [free](at::Device) { return free; };
    check_memory_first(stage_, check_);
    method::HookContext context;
    context.for_each_batch = [&](bool augmented, const std::function<bool(const batch::Batch&)>& visit) {
      EXPECT_FALSE(augmented);
      EXPECT_FALSE(visit(batch_));
    };
    stage_.hooks.stage_begin(context);
  }

  std::unique_ptr<method::Method> method_;
  method::Stage stage_;
  MemoryCheck check_;
  batch::Batch batch_;
};

TEST_P(Memory, AnImpossibleBatchIsRefusedBeforeTheStage) {
  {
    // A twin that differs from its query network changes with every step.
    const torch::NoGradGuard no_grad;
    check_.network->dis->model_k->lin->bias.fill_(3);
  }
  const auto before = state(/*copies=*/true);
  const auto need = measure_step(stage_, check_, batch_);
  const Error error = testing::error_of([&] { begin(need.of(6) + need.per_picture / 2); });
  EXPECT_EQ(error.kind(), ErrorKind::usage);
  EXPECT_THAT(error.message(), HasSubstr("batches of 8 pictures (a.setting)"));
  EXPECT_THAT(error.remedy(), HasSubstr("a.setting=6 "));
  for (const auto& [name, value] : before) EXPECT_TRUE(value.equal(testing::find(state(), name))) << name;
  for (const auto& parameter : method_->network().parameters()) EXPECT_FALSE(parameter.grad().defined());
  // Rather too low than too high: the layers that the alignment compares differ from step to step.
  const double share = (need.of(kRows) - bytes_kept()) / peak();
  EXPECT_GT(share, 0.85) << stage_.name;
  EXPECT_LT(share, 1.05) << stage_.name;
}

TEST_P(Memory, WhatFitsOrIsNotKnownIsNotRefused) {
  const auto turns = std::exchange(stage_.turns, {});
  EXPECT_NO_THROW(begin(std::nullopt));
  EXPECT_NO_THROW(begin(1e15));
  stage_.turns = {turns.back()};
  EXPECT_NO_THROW(begin(1e15));
}

/// Gradients and optimisers already need more: no step is run.
TEST_P(Memory, ATinyMachineIsRefusedWithoutAStep) {
  stage_.turns.clear();
  EXPECT_THAT(testing::error_of([&] { begin(1e5); }).remedy(), HasSubstr("smaller network"));
}

INSTANTIATE_TEST_SUITE_P(OfEachStage, Memory, ::testing::Values(0, 1, 2));

}  // namespace
}  // namespace mien::methods::ifer
