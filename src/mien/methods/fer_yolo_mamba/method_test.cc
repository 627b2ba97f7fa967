// SPDX-License-Identifier: Apache-2.0
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include "mien/method/import.h"
#include "mien/methods/fer_yolo_mamba/network.h"
#include "mien/methods/fer_yolo_mamba/scene_batch.h"
#include "mien/nn/recorder.h"
#include "support/method_case.h"
#include "support/temp_dir.h"

namespace mien::methods::fer_yolo_mamba {

testing::MethodCase method_case();

namespace {

std::unique_ptr<method::Method> build(const std::vector<std::string>& settings = {}) {
  return testing::build(*make_config(), method_case(), settings);
}

std::vector<std::string> names_of(const std::vector<face::OutputSpec>& outputs) {
  std::vector<std::string> names;
  for (const auto& output : outputs) names.push_back(output.name);
  return names;
}

double distance(const at::Tensor& a, const at::Tensor& b) { return ((a - b).norm() / b.norm()).item<double>(); }

TEST(FerYoloMamba, SettingsThatMakeNoSenseAreRefused) {
  for (const char* wrong :
       {"model.p3_stride=12", "model.vss.directions=3", "loss.strides=[8, 16]", "model.width=8", "model.width=24"})
    EXPECT_THROW(build({wrong}), Error) << wrong;
  EXPECT_THROW(build({"recipe.first.epochs=0", "recipe.second.epochs=0"}), Error);
}

TEST(FerYoloMamba, ExportsAsItPredictsAndPortablyToo) {
  auto method = build();
  torch::manual_seed(2);
  const at::Tensor images = torch::randn({3, 1, 64, 64});
  const auto expected = method->predict(images).maps;
  ASSERT_EQ(expected.size(), 3u);
  const torch::NoGradGuard no_grad;
  for (const bool portable : {false, true}) {
    const auto deploy = method->deploy({.portable_operators = portable});
    const auto got = deploy.forward(images);
    ASSERT_EQ(got.size(), 3u + 2 * 4);  // boxes; gates and step sizes of four blocks
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(deploy.outputs[i].name, expected[i].first);
      EXPECT_LT(distance(got[i], expected[i].second), 1e-5);
    }
    const auto recording = nn::record(deploy.forward, {1, 64, 64}, names_of(deploy.outputs), deploy.weights);
    const auto own = std::count_if(recording.ops.begin(), recording.ops.end(),
                                   [](const auto& op) { return op.name.starts_with("mien::"); });
    EXPECT_EQ(own, portable ? 0 : 4);
  }
}

TEST(FerYoloMamba, BlocksReportGatesAndStepSizes) {
  torch::manual_seed(3);
  VssOptions options;
  options.channels = 32;
  options.directions = 4;
  VssBlock block(options);
  block->eval();
  const at::Tensor x = torch::randn({2, 32, 5, 7});
  VssEvidence evidence;
  EXPECT_TRUE(at::equal(block->run(x, &evidence), block->forward(x)));
  EXPECT_LT(distance(evidence.gate, block->gate(x)), 1e-6);
  ASSERT_EQ(evidence.steps.sizes(), (std::vector<std::int64_t>{2, 4, 5, 7}));
  EXPECT_LT(distance(evidence.steps.permute({0, 2, 3, 1}), block->self_attention->step_sizes(block->scan_input(x))),
            1e-6);
  EXPECT_GT(evidence.steps.min().item<double>(), 0);

  // With steps of 0 the scan writes nothing, and only D·u remains.
  const torch::NoGradGuard no_grad;
  OmniScan scan = block->self_attention;
  scan->dt_projs_weight.zero_();
  scan->dt_projs_bias.fill_(-60);  // softplus: 1e-26
  at::Tensor steps;
  const at::Tensor silent = scan->run(block->scan_input(x), &steps);
  EXPECT_LT(steps.max().item<double>(), 1e-20);
  scan->x_proj_weight.zero_();
  EXPECT_LT(distance(scan->forward(block->scan_input(x)), silent), 1e-6);
}

TEST(FerYoloMamba, GatesAreTheFactorsOfTheirChannelsInTheGradient) {
  torch::manual_seed(4);
  ChannelGate gate(16);
  const at::Tensor x = torch::randn({1, 16, 3, 3}).requires_grad_();
  at::Tensor kept;
  // With a constant gate, y = x · gate, so dy/dx is the gate itself.
  const at::Tensor y = gate->run(x, &kept);
  const auto gradient = torch::autograd::grad({(x * kept.detach().unsqueeze(-1).unsqueeze(-1)).sum()}, {x}).front();
  EXPECT_LT(distance(gradient, kept.unsqueeze(-1).unsqueeze(-1).expand_as(x)), 1e-6);
  EXPECT_LT(distance(y / x, gradient), 1e-5);
  EXPECT_TRUE((kept > 0).all().item<bool>() && (kept < 1).all().item<bool>());
}

TEST(FerYoloMamba, ShortRunsWarmUpForATwentiethOfTheirEpochs) {
  const auto schedule_of = [](int first, int second) {
    auto method =
        build({"recipe.first.epochs=" + std::to_string(first), "recipe.second.epochs=" + std::to_string(second)});
    return method->stages().back().players.front().optimiser.schedule;
  };
  EXPECT_EQ(schedule_of(100, 200).warmup_epochs, 3);
  EXPECT_EQ(schedule_of(100, 200).flat_epochs, 15);
  EXPECT_EQ(schedule_of(0, 40).warmup_epochs, 2);
  EXPECT_EQ(schedule_of(0, 40).flat_epochs, 2);
  EXPECT_EQ(schedule_of(2, 4).warmup_epochs, 1);
  EXPECT_EQ(schedule_of(2, 4).flat_epochs, 1);
}

TEST(FerYoloMamba, PredictsBoxesInsideItsRules) {
  auto method = build();
  const auto prediction = method->predict(torch::randn({2, 1, 64, 64}));
  EXPECT_FALSE(prediction.logits.defined());
  ASSERT_EQ(prediction.detections.size(), 2u);
  for (const at::Tensor& rows : prediction.detections) {
    EXPECT_EQ(rows.size(1), 6);
    EXPECT_LE(rows.size(0), 100);
    EXPECT_TRUE(rows.isfinite().all().item<bool>());
  }
}

TEST(FerYoloMamba, ParametersThatMustNotDecayHaveTheirOwnGroup) {
  const auto stage = build()->stages().front();
  ASSERT_EQ(stage.players.front().groups.size(), 2u);
  const auto& scan = stage.players.front().groups[1];
  EXPECT_EQ(scan.decay_factor, 0);
  EXPECT_EQ(scan.parameters.size(), 8u);  // A_logs and dt_projs_bias of four blocks
  EXPECT_FALSE(stage.players.front().optimiser.decay_norms_and_biases);
}

TEST(FerYoloMamba, StagesHaveTheirBatchSizesAndRates) {
  const auto config = make_config();
  const auto stages = testing::build(*config, {.tiny = {"model.width=16"}, .side = 64})->stages();
  ASSERT_EQ(stages.size(), 2u);
  EXPECT_EQ(stages[0].epochs, 100);
  EXPECT_EQ(stages[1].epochs, 200);
  EXPECT_EQ(stages[0].needs.batch_size, 32);
  EXPECT_EQ(stages[1].needs.batch_size, 16);
  EXPECT_DOUBLE_EQ(stages[0].players.front().optimiser.rate, 5e-3);
  EXPECT_DOUBLE_EQ(stages[1].players.front().optimiser.rate, 2.5e-3);
}

/// YOLOX-s of 80 classes has 462 entries; 334 fit by name and shape (card 2.4).
TEST(FerYoloMamba, YoloxWeightsFill334Entries) {
  FerYoloMambaConfig yolox;
  yolox.neck = Neck::csp;
  FerYoloMambaNet donor(yolox, 80, 3), network(FerYoloMambaConfig{}, 7, 3);
  const auto weights = nn::state_of(*donor);
  EXPECT_EQ(weights.size(), 462u);
  const auto report = method::load_what_fits(*network, weights);
  EXPECT_EQ(report.in_network, 468u);
  EXPECT_EQ(report.loaded, 334u);
  EXPECT_EQ(report.unexpected.size() + report.others.size() + report.mismatched.size(), 128u);
}

TEST(FerYoloMamba, StartsFromYoloxWeights) {
  const testing::TempDir dir;
  FerYoloMambaConfig yolox;
  yolox.neck = Neck::csp;
  yolox.width = 16;
  FerYoloMambaNet donor(yolox, 80, 1);
  nn::write_safetensors(dir / "yolox.safetensors", nn::state_of(*donor), {});
  auto method = build({"init.backbone=" + (dir / "yolox.safetensors").string()});
  const auto stem = testing::find(nn::state_of(method->network()), "backbone.backbone.stem.conv.conv.weight");
  EXPECT_TRUE(stem.equal(donor->backbone->backbone->stem->conv->conv->weight));
}

TEST(FerYoloMamba, ScheduleAndAverageRunOnAcrossTheStages) {
  const auto stages = build()->stages();
  EXPECT_FALSE(stages[0].counts_on);
  EXPECT_TRUE(stages[1].counts_on);
  const auto& average = stages[1].players.front().average;
  ASSERT_TRUE(average.has_value());
  EXPECT_TRUE(average->counts_on);
  EXPECT_EQ(average->decay, 0.9999);
  EXPECT_EQ(average->warm_up, method::AverageWarmUp::exponential);
  EXPECT_FALSE(build({"recipe.first.epochs=0"})->stages().front().counts_on);
}

/// Two pictures with four further ones each; every picture has one box.
batch::Batch ten_pictures() {
  batch::Batch batch;
  torch::manual_seed(1);
  batch.views = {at::rand({10, 1, 32, 32})};
  batch.labels = batch.index = at::arange(10);
  batch.distribution = at::zeros({10, 8});
  for (int i = 0; i < 10; ++i) batch.boxes.push_back(at::tensor({0.25f, 0.25f, 0.5f, 0.5f, 1.f}).view({1, 5}));
  return batch;
}

TEST(SceneBatch, MosaicsEndAt70PercentOfTheRun) {
  face::InputSpec input;
  input.mean = {0};
  input.std = {1};
  int most_early = 0, most_late = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const double progress : {0.0, 0.7}) {
      batch::Batch batch = ten_pictures();
      auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
      augment_batch(batch, input, {}, generator, progress);
      EXPECT_EQ(batch.size(), 2);
      EXPECT_EQ(batch.images().sizes(), at::IntArrayRef({2, 1, 32, 32}));
      ASSERT_EQ(batch.boxes.size(), 2u);
      int& most = progress < 0.5 ? most_early : most_late;
      for (const at::Tensor& boxes : batch.boxes) {
        most = std::max(most, static_cast<int>(boxes.size(0)));
        if (boxes.size(0) == 0) continue;
        EXPECT_GE(boxes.narrow(1, 0, 4).min().item<float>(), 0);
        EXPECT_LE((boxes.narrow(1, 0, 2) + boxes.narrow(1, 2, 2)).max().item<float>(), 1.0001f);
      }
    }
  }
  EXPECT_GT(most_early, 2);
  EXPECT_EQ(most_late, 1);
}

TEST(SceneBatch, FacesAreCentresAndSizesInPixels) {
  batch::Batch batch;
  batch.views = {at::zeros({2, 1, 40, 80})};
  batch.boxes = {at::tensor({0.125f, 0.5f, 0.25f, 0.25f, 3.f}).view({1, 5}), at::zeros({0, 5})};
  const auto faces = faces_of(batch);
  EXPECT_TRUE(faces[0].equal(at::tensor({20.f, 25.f, 20.f, 10.f, 3.f}).view({1, 5})));
  EXPECT_EQ(faces[1].size(0), 0);
}

}  // namespace
}  // namespace mien::methods::fer_yolo_mamba
