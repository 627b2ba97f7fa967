// SPDX-License-Identifier: Apache-2.0
// The hand cases and counts of card section 9.
#include "mien/methods/scan_cci/network.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/method/import.h"
#include "mien/methods/scan_cci/deploy_outputs.h"
#include "mien/methods/scan_cci/loss.h"
#include "mien/nn/recorder.h"
#include "mien/nn/state.h"
#include "support/method_case.h"

namespace mien::methods::scan_cci {

testing::MethodCase method_case();

namespace {

ScanCciConfig small() {
  ScanCciConfig config;
  config.trunk = Trunk::small;
  config.window = 3;
  return config;
}

ScanUnit unit_by_hand() {
  ScanUnit unit(1, Unit::spatio_channel);
  const torch::NoGradGuard no_grad;
  at::Tensor kernel = unit->attention->ptr(0)->as<torch::nn::Conv2d>()->weight;
  kernel.zero_();
  kernel[0][0][1][1] = 2;
  auto& norm = *unit->attention->ptr(2)->as<torch::nn::BatchNorm2d>();
  norm.weight.fill_(2);
  norm.bias.fill_(-1);
  return unit;
}

TEST(ScanUnit, ByHandInBothModes) {
  ScanUnit unit = unit_by_hand();
  const torch::NoGradGuard no_grad;
  const at::Tensor x = torch::tensor({1.0f, -1.0f, 0.5f, -0.5f}).view({1, 1, 2, 2});
  const auto check = [&](const std::vector<float>& expected, double mean) {
    const at::Tensor mask = unit->forward(x);
    EXPECT_LT((mask.flatten() - torch::tensor(expected)).abs().max().item<double>(), 2e-5);
    EXPECT_NEAR((mask * x).mean().item<double>(), mean, 2e-5);
  };
  unit->eval();
  check({0.952573f, 0.119203f, 0.731057f, 0.182426f}, 0.276921);
  unit->train();
  check({0.865097f, 0.042589f, 0.467524f, 0.068144f}, 0.255550);
  const auto& norm = *unit->attention->ptr(2)->as<torch::nn::BatchNorm2d>();
  EXPECT_NEAR(norm.running_mean.item<double>(), 0.05625, 1e-6);
  EXPECT_NEAR(norm.running_var.item<double>(), 1.034896, 1e-5);
}

TEST(Partition, OfTheRamp) {
  const at::Tensor ramp = torch::arange(28 * 28, at::kFloat).view({1, 1, 28, 28});
  const auto windows = partition(ramp, 6, BottomStrip::windows), reference = partition(ramp, 6, BottomStrip::reference);
  ASSERT_EQ(windows.size(), 25u);
  ASSERT_EQ(reference.size(), 25u);
  const std::pair<std::size_t, double> means[] = {{0, 72.5},   {5, 246.5},  {15, 594.5}, {16, 95.5},
                                                  {19, 599.5}, {20, 716.5}, {23, 734.5}, {24, 739.5}};
  for (const auto& [k, mean] : means) EXPECT_EQ(windows[k].mean().item<double>(), mean) << k;
  EXPECT_EQ(reference[20].mean().item<double>(), 683.5);
  EXPECT_EQ(reference[23].mean().item<double>(), 767.5);
  EXPECT_EQ(windows[20][0][0][1][0].item<double>(), 700);
  EXPECT_EQ(reference[20][0][0][1][0].item<double>(), 678);
  EXPECT_TRUE(tile(windows, 28, 6).equal(ramp));
  EXPECT_EQ(partition(ramp, 7, BottomStrip::windows).size(), 16u);
  EXPECT_EQ(num_patches(28, 7), 16);
  EXPECT_EQ(num_patches(28, 6), 25);
  EXPECT_THROW(partition(ramp, 5, BottomStrip::reference), Error);
}

TEST(ChannelAttention, KernelsAndWeightsByHand) {
  const std::pair<std::int64_t, std::int64_t> kernels[] = {{64, 3}, {128, 5}, {256, 5}, {512, 5}, {1024, 5}, {2048, 7}};
  for (const auto& [channels, kernel] : kernels) EXPECT_EQ(eca_kernel(channels), kernel) << channels;
  ChannelAttention eca(64);
  const torch::NoGradGuard no_grad;
  eca->conv->weight.copy_(torch::tensor({0.5f, 1.0f, -0.5f}).view({1, 1, 3}));
  const at::Tensor weights = eca->forward(torch::tensor({{1.0f, 2.0f, 3.0f, 4.0f}}));
  EXPECT_LT((weights[0] - torch::tensor({0.5f, 0.731059f, 0.880797f, 0.995930f})).abs().max().item<double>(), 1e-6);
}

TEST(ScanCciLoss, ByHand) {
  ScanCciOutput out;
  out.attention.logits = torch::tensor({{1.0, 0.0}}, at::kDouble);
  out.context.logits = torch::zeros({1, 4, 2}, at::kDouble);
  const ScanCciLosses losses = compute_losses(out, torch::tensor({0}, at::kLong), {});
  EXPECT_NEAR(losses.attention.item<double>(), 0.313262, 1e-6);
  EXPECT_NEAR(losses.region_sum.item<double>(), 2.772589, 1e-6);
  EXPECT_NEAR(0.2 * losses.attention.item<double>() + 0.8 * losses.region_sum.item<double>(), 2.280723, 1e-6);
}

TEST(ScanCciLoss, ClassWeightsByHand) {
  const at::Tensor two = class_weights(torch::tensor({100.0, 10.0}));
  EXPECT_LT((two - torch::tensor({0.182563f, 1.817437f})).abs().max().item<double>(), 1e-5);
  const at::Tensor raf = class_weights(torch::tensor({1290.0, 281.0, 717.0, 4772.0, 1982.0, 705.0, 2524.0}));
  const at::Tensor expected =
      torch::tensor({0.671175f, 2.931532f, 1.174008f, 0.214056f, 0.451793f, 1.193284f, 0.364152f});
  EXPECT_LT((raf - expected).abs().max().item<double>(), 1e-5);
}

/// A branch without masks on a map of one channel and 2 x 2 cells, each cell a patch.
AttentionBranch bare_branch() {
  ScanCciConfig config;
  config.unit = Unit::none;
  config.window = 1;
  return AttentionBranch(config, 1, 2, 2);
}

// The largest patch has 4, the mean is 3: (4, 3) of length 5.
TEST(AttentionBranch, FeaturesHaveLengthOne) {
  const torch::NoGradGuard no_grad;
  const AttentionOutput out = bare_branch()->forward(torch::tensor({4.0f, 2.0f, 3.0f, 3.0f}).view({1, 1, 2, 2}));
  EXPECT_EQ(out.local.item<double>(), 4);
  EXPECT_EQ(out.global.item<double>(), 3);
  EXPECT_LT((out.combined[0] - torch::tensor({0.8f, 0.6f})).abs().max().item<double>(), 1e-6);
}

TEST(AttentionBranch, OnlyTheWinningPatchLearns) {
  const at::Tensor map = torch::tensor({1.0f, 2.0f, 0.5f, 0.0f}).view({1, 1, 2, 2}).requires_grad_();
  bare_branch()->forward(map).local.sum().backward();
  EXPECT_TRUE(map.grad().equal(torch::tensor({0.0f, 1.0f, 0.0f, 0.0f}).view({1, 1, 2, 2})));
}

// model.bottom_strip: the same weights, another arrangement of the patches at the bottom.
TEST(AttentionBranch, TheBottomStripOfTheReferenceIsAnotherFunction) {
  torch::manual_seed(6);
  const torch::NoGradGuard no_grad;
  const at::Tensor map = torch::randn({2, 16, 12, 12});
  AttentionOutput out[2];
  for (const BottomStrip strip : {BottomStrip::windows, BottomStrip::reference}) {
    ScanCciConfig config;
    config.window = 5;  // two windows, and a remainder of two
    config.bottom_strip = strip;
    AttentionBranch branch(config, 16, 12, 8);
    nn::fill_by_formula(*branch, "strip");
    branch->eval();
    out[strip == BottomStrip::windows ? 0 : 1] = branch->forward(map);
  }
  const auto difference = [&](std::int64_t k) {
    return (out[0].patch_gap.select(1, k) - out[1].patch_gap.select(1, k)).abs().max().item<double>();
  };
  for (const std::int64_t k : {0, 3, 4, 5, 8}) EXPECT_EQ(difference(k), 0) << k;
  for (const std::int64_t k : {6, 7}) EXPECT_GT(difference(k), 0) << k;
  EXPECT_FALSE(out[0].logits.equal(out[1].logits));
}

// Card section 2.7.
TEST(ScanCciNet, CountsOfTheCard) {
  ScanCciConfig config;
  const ScanCciNet own(config, 8, 3, 224);
  EXPECT_EQ(nn::count_parameters(*own), 70197589);
  EXPECT_EQ(nn::count_parameters(*own->base), 8543296);
  EXPECT_EQ(nn::count_parameters(*own->attention), 61389832);
  EXPECT_EQ(nn::count_parameters(*own->region), 264461);
  EXPECT_EQ(nn::state_of(*own->base).size(), 258u);
  EXPECT_EQ(nn::state_of(*own->attention).size(), 184u);
  EXPECT_EQ(nn::state_of(*own->region).size(), 5u);
  EXPECT_EQ(nn::count_parameters(*ScanUnit(512, Unit::spatio_channel)), 2360832);
  const ScanCciNet seven(config, 7, 3, 224);
  EXPECT_EQ(nn::count_parameters(*seven), 70196307);
  EXPECT_EQ(nn::count_parameters(*seven->attention), 61388807);
  EXPECT_EQ(nn::count_parameters(*seven->region), 264204);
  config.shared = true;
  EXPECT_EQ(nn::count_parameters(*ScanCciNet(config, 8, 3, 224)), 13537621);
  const ScanCciNet shared(config, 7, 3, 224);
  EXPECT_EQ(nn::count_parameters(*shared), 13536339);
  EXPECT_EQ(nn::state_of(*shared->attention).size(), 16u);
}

TEST(ScanCciNet, KeysAreThoseOfTheCard) {
  const ScanCciNet own(ScanCciConfig{}, 8, 3, 224);
  ScanCciConfig config;
  config.shared = true;
  const ScanCciNet shared(config, 8, 3, 224);
  const auto has = [](const ScanCciNet& net, const std::string& key) {
    const auto all = nn::state_of(*net);
    return std::any_of(all.begin(), all.end(), [&](const auto& entry) { return entry.first == key; });
  };
  for (const char* key :
       {"base.conv1.weight", "base.bn1.running_var", "base.layer1.0.downsample.0.weight", "base.layer2.3.conv3.weight",
        "base.layer3.5.bn3.bias", "attention.global_attention_mask.attention.0.weight", "attention.fc.bias",
        "region.eca.conv.weight", "region.region_net.0.weight", "region.region_net.2.bias"}) {
    EXPECT_TRUE(has(own, key)) << key;
    EXPECT_TRUE(has(shared, key)) << key;
  }
  EXPECT_TRUE(has(own, "attention.local_attention_masks.24.attention.2.running_mean"));
  EXPECT_TRUE(has(shared, "attention.local_attention_masks.attention.1.weight"));
  EXPECT_FALSE(has(own, "base.layer4.0.conv1.weight"));
}

// Card section 2.7, one branch after the other.
TEST(ScanCciNet, MultiplyAddsOfEachPart) {
  const torch::NoGradGuard no_grad;
  ScanCciNet net(ScanCciConfig{}, 8, 3, 224);
  net->eval();
  const auto count = [](const auto& forward, const std::vector<std::int64_t>& shape) {
    return onnx::count_multiply_adds(
        nn::record([&](const at::Tensor& x) { return std::vector<at::Tensor>{forward(x)}; }, shape, {"out"}, {}));
  };
  EXPECT_EQ(count([&](const at::Tensor& x) { return net->base->forward(x).f3; }, {3, 224, 224}), 3'277'897'728);
  EXPECT_EQ(count([&](const at::Tensor& x) { return net->attention->forward(x).logits; }, {512, 28, 28}),
            3'699'384'320);
  EXPECT_EQ(count([&](const at::Tensor& x) { return net->region->forward(x).logits; }, {1024, 14, 14}), 1'061'888);
}

// Card section 2.7: the multiply-adds of a picture of 224 px.
TEST(ScanCciNet, MultiplyAddsOfTheCard) {
  const torch::NoGradGuard no_grad;
  for (const bool shared : {false, true}) {
    ScanCciConfig config;
    config.shared = shared;
    ScanCciNet net(config, 8, 3, 224);
    net->eval();
    const auto recording =
        nn::record([&](const at::Tensor& x) { return std::vector<at::Tensor>{net->forward(x).logits}; }, {3, 224, 224},
                   {"logits"}, {});
    EXPECT_EQ(onnx::count_multiply_adds(recording), 6'978'343'936) << shared;
  }
}

TEST(ScanCciImport, ReadsTheThreeDictionariesOfTheReference) {
  auto made = testing::build(*make_config(), method_case());
  const auto rules = made->import_rules();
  ASSERT_EQ(rules.parts.size(), 3u);
  EXPECT_EQ(rules.parts[1].entry, "attention_state_dict");
  EXPECT_EQ(rules.parts[1].prefix, "attention.");
  // As nn::read_weights joins them: with the four further names of the region classifier.
  nn::NamedTensors theirs = nn::state_of(made->network());
  const nn::NamedTensors own = theirs;
  for (const auto& [key, value] : own)
    if (const std::string start = "region.region_net."; key.starts_with(start))
      for (const char* k : {"0", "1", "2", "3"})
        theirs.emplace_back(std::string("region.classifiers.") + k + "." + key.substr(start.size()), value);
  const auto ours = method::to_our_names(rules, made->network(), theirs);
  const auto report = method::load_what_fits(made->network(), ours);
  EXPECT_TRUE(report.complete());
  EXPECT_EQ(report.loaded, own.size());
}

TEST(ScanCciNet, GroupedPatchesEqualSingleOnes) {
  torch::manual_seed(1);
  ScanCciNet net(small(), 8, 1, 64);
  nn::fill_by_formula(*net, "grouped");
  net->eval();
  const torch::NoGradGuard no_grad;
  const AttentionOutput out = net->forward(torch::randn({2, 1, 64, 64})).attention;
  const at::Tensor f2 = torch::randn({2, 64, 16, 16});
  const auto patches = partition(f2, 3, BottomStrip::windows);
  const auto masks = net->attention->forward(f2).local_masks;
  ASSERT_EQ(masks.size(), 36u);
  for (std::size_t k = 0; k < masks.size(); ++k)
    EXPECT_LT((masks[k] - net->attention->local_units[k]->forward(patches[k])).abs().max().item<double>(), 1e-5) << k;
}

TEST(ScanCciNet, ContextMapsEqualGradCamByAutograd) {
  torch::manual_seed(5);
  for (const bool eca : {true, false}) {
    ScanCciConfig config = small();
    config.eca = eca;
    ScanCciNet net(config, 8, 1, 64);
    nn::fill_by_formula(*net, "maps");
    net->eval();
    ScanCciOutput out = net->forward(torch::randn({2, 1, 64, 64}));
    const at::Tensor f3 = out.base.f3.detach().requires_grad_();
    out.base.f3 = f3;
    out.context = net->region->forward(f3);
    const at::Tensor maps = context_maps(*net, out).detach();
    for (std::int64_t k = 0; k < 8; ++k) {
      const at::Tensor share = out.context.logits.sum(1).select(1, k).sum() / 5;
      const at::Tensor gradient = torch::autograd::grad({share}, {f3}, {}, /*retain_graph=*/true)[0];
      const at::Tensor expected = (gradient * f3).sum(1).detach();
      EXPECT_LT((maps.select(1, k) - expected).norm().item<double>(), 1e-4 * expected.norm().item<double>()) << k;
    }
  }
}

// Card section 9: 32 pictures, the narrow network, the loss below a tenth of its start within 200 steps at rate 0.01.
TEST(ScanCci, OverfitsThirtyTwoPictures) {
  torch::manual_seed(0);
  ScanCciNet net(small(), 8, 1, 64);
  initialise(net);
  const at::Tensor images = torch::randn({32, 1, 64, 64}), labels = torch::arange(32, at::kLong).remainder(8);
  torch::optim::SGD sgd(net->parameters(), torch::optim::SGDOptions(0.01).momentum(0.9));
  double start = 0, end = 0;
  for (int step = 0; step < 200; ++step) {
    const ScanCciLosses losses = compute_losses(net->forward(images), labels, {});
    const at::Tensor total = losses.attention * 0.2 + losses.region_sum * 0.8;
    end = total.item<double>();
    if (step == 0) start = end;
    if (end < 0.1 * start) break;
    sgd.zero_grad();
    total.backward();
    sgd.step();
  }
  EXPECT_LT(end, 0.1 * start);
}

}  // namespace
}  // namespace mien::methods::scan_cci
