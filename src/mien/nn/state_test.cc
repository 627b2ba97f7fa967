// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/state.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/error.h"
#include "mien/nn/device.h"
#include "mien/nn/scaling.h"

namespace mien::nn {
namespace {

torch::nn::Sequential small_net() { return torch::nn::Sequential(torch::nn::Linear(3, 2), torch::nn::BatchNorm1d(2)); }

TEST(State, KeysAreThoseOfPyTorch) {
  std::vector<std::string> keys;
  auto net = small_net();
  for (const auto& [key, value] : state_of(*net)) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean",
                                            "1.running_var", "1.num_batches_tracked"}));
  EXPECT_EQ(count_parameters(*net), 6 + 2 + 2 + 2);
}

TEST(LoadState, ReportsAndChangesNothingWhenStrict) {
  auto net = small_net();
  const auto before = net[0]->as<torch::nn::Linear>()->weight.detach().clone();
  const NamedTensors source{
      {"0.weight", torch::zeros({2, 3})}, {"0.bias", torch::zeros({5})}, {"extra", torch::zeros({1})}};
  EXPECT_THROW(load_state(*net, source, "x"), Error);
  EXPECT_TRUE(net[0]->as<torch::nn::Linear>()->weight.equal(before));
  const auto report = load_state(*net, source, "x", /*strict=*/false);
  EXPECT_EQ(report.unexpected, std::vector<std::string>{"extra"});
  EXPECT_EQ(report.mismatched.size(), 1u);
  EXPECT_EQ(report.missing.size(), 5u);
  EXPECT_EQ(net[0]->as<torch::nn::Linear>()->weight.abs().sum().item<float>(), 0);
}

TEST(Formula, KindsHaveTheirRanges) {
  EXPECT_EQ(formula_tensor("s", "bn.num_batches_tracked", {}, at::kLong).item<std::int64_t>(), 0);
  const auto var = formula_tensor("s", "bn.running_var", {1000});
  EXPECT_GE(var.min().item<float>(), 0.5f);
  EXPECT_LT(var.max().item<float>(), 1.5f);
  const auto weight = formula_tensor("s", "conv.weight", {8, 3, 5, 5});
  EXPECT_LE(weight.abs().max().item<float>(), std::sqrt(3.0f / 75) + 1e-6f);
  EXPECT_NE(formula_input("s", "a", {1}).item<float>(), formula_input("s", "b", {1}).item<float>());
}

TEST(RenameRules, FirstPrefixWinsAndTheRestIsDropped) {
  const RenameRules rules{{{"layer1.", "4."}, {"module.", ""}}};
  const auto out = rules.apply(
      {{"layer1.0.weight", torch::zeros({1})}, {"module.x", torch::zeros({1})}, {"fc.weight", torch::zeros({1})}});
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].first, "4.0.weight");
  EXPECT_EQ(out[1].first, "x");
}

TEST(RenameRules, InfixesAreExchangedEverywhere) {
  const RenameRules rules{{}, {{".norm.", ".norm"}, {"conv.", "conv"}}};
  const auto out =
      rules.apply({{"denselayer1.norm.1.weight", torch::zeros({1})}, {"a.norm.2.norm.3", torch::zeros({1})}});
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].first, "denselayer1.norm1.weight");
  EXPECT_EQ(out[1].first, "a.norm2.norm3");
}

TEST(Scaling, NormalisesPerChannelAndChecks) {
  face::InputSpec spec;
  spec.channels = 3;
  spec.mean = {0, 0.5f, 1};
  spec.std = {1, 0.5f, 2};
  const auto out = normalise(torch::full({1, 3, 2, 2}, 255, at::kByte), spec);
  EXPECT_FLOAT_EQ(out[0][0][0][0].item<float>(), 1);
  EXPECT_FLOAT_EQ(out[0][1][0][0].item<float>(), 1);
  EXPECT_FLOAT_EQ(out[0][2][0][0].item<float>(), 0);
  EXPECT_THROW(normalise(torch::zeros({1, 1, 2, 2}), spec), Error);
}

TEST(Device, UnknownNamesAreRefused) {
  EXPECT_EQ(device_from("cpu").type(), at::kCPU);
  EXPECT_THROW(device_from("gpu"), Error);
  EXPECT_THROW(device_from("cuda:99"), Error);
  EXPECT_FALSE(choose_precision(Precision::float32, at::kCPU).bfloat16);
}

}  // namespace
}  // namespace mien::nn
