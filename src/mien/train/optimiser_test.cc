// SPDX-License-Identifier: Apache-2.0
// Against torch::optim on the same problem: equal paths mean equal rules.
#include "mien/train/optimiser.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "mien/base/error.h"

namespace mien::train {
namespace {

method::Player player_of(const std::vector<at::Tensor>& parameters, const method::OptimiserOptions& options) {
  method::ParameterGroup group{"all", {}};
  for (std::size_t i = 0; i < parameters.size(); ++i)
    group.parameters.emplace_back(fmt::format("p{}", i), parameters[i]);
  return {"network", {group}, options, std::nullopt};
}

at::Tensor problem(const std::vector<at::Tensor>& p) {
  return (p[0].matmul(p[1]) - 1).square().sum() + p[1].abs().sum();
}

void expect_same_path(const method::OptimiserOptions& options,
                      const std::function<std::unique_ptr<torch::optim::Optimizer>(std::vector<at::Tensor>)>& make) {
  torch::manual_seed(1);
  const std::vector<at::Tensor> ours{torch::randn({3, 4}).requires_grad_(), torch::randn({4}).requires_grad_()};
  const std::vector<at::Tensor> theirs{ours[0].detach().clone().requires_grad_(),
                                       ours[1].detach().clone().requires_grad_()};
  Optimiser optimiser(player_of(ours, options));
  auto reference = make(theirs);
  for (int i = 0; i < 12; ++i) {
    optimiser.zero_grad();
    problem(ours).backward();
    optimiser.step(1);
    reference->zero_grad();
    problem(theirs).backward();
    reference->step();
  }
  for (int k = 0; k < 2; ++k) EXPECT_LT((ours[k] - theirs[k]).abs().max().item<double>(), 1e-6);
}

TEST(Optimiser, SgdFollowsTorch) {
  method::OptimiserOptions o;
  o.rate = 0.01;
  o.weight_decay = 0.1;
  for (bool nesterov : {false, true}) {
    o.nesterov = nesterov;
    expect_same_path(o, [&](auto p) {
      return std::make_unique<torch::optim::SGD>(
          p, torch::optim::SGDOptions(0.01).momentum(0.9).weight_decay(0.1).nesterov(nesterov));
    });
  }
}

TEST(Optimiser, AdamFollowsTorch) {
  method::OptimiserOptions o;
  o.kind = method::OptimiserKind::adam;
  o.rate = 0.02;
  o.weight_decay = 0.1;
  expect_same_path(o, [](auto p) {
    return std::make_unique<torch::optim::Adam>(p, torch::optim::AdamOptions(0.02).weight_decay(0.1));
  });
  o.kind = method::OptimiserKind::adamw;
  expect_same_path(o, [](auto p) {
    return std::make_unique<torch::optim::AdamW>(p, torch::optim::AdamWOptions(0.02).weight_decay(0.1));
  });
}

// Card of IFER, section 4: momentum without a second moment for five steps, then rectified; resumed in between.
TEST(Optimiser, RangerKeepsItsSlowWeightsInItsState) {
  method::OptimiserOptions o;
  o.kind = method::OptimiserKind::ranger;
  o.rate = 0.1, o.beta1 = 0.95, o.eps = 1e-5, o.weight_decay = 0;
  const std::vector<at::Tensor> whole{torch::zeros({1}).requires_grad_()}, parts{torch::zeros({1}).requires_grad_()};
  Optimiser straight(player_of(whole, o));
  auto halves = std::make_unique<Optimiser>(player_of(parts, o));
  for (int i = 0; i < 13; ++i) {
    straight.zero_grad(), halves->zero_grad();
    (whole[0] - 1).square().sum().backward();
    (parts[0] - 1).square().sum().backward();
    straight.step(1), halves->step(1);
    if (i == 0) {
      EXPECT_NEAR(whole[0].item<float>(), 0.2, 1e-6);
    }
    if (i == 7) {
      auto next = std::make_unique<Optimiser>(player_of(parts, o));
      next->load_state(halves->state(), "test");
      halves = std::move(next);
    }
  }
  EXPECT_EQ(whole[0].item<float>(), parts[0].item<float>());
}

TEST(Optimiser, VectorsCanBeSparedFromDecay) {
  method::OptimiserOptions o;
  o.rate = 1;
  o.momentum = 0;
  o.weight_decay = 0.5;
  o.decay_norms_and_biases = false;
  const std::vector<at::Tensor> p{torch::ones({2, 2}).requires_grad_(), torch::ones({2}).requires_grad_()};
  Optimiser optimiser(player_of(p, o));
  (p[0].sum() * 0 + p[1].sum() * 0).backward();
  optimiser.step(1);
  EXPECT_EQ(p[0][0][0].item<float>(), 0.5f);
  EXPECT_EQ(p[1][0].item<float>(), 1.0f);
}

TEST(Optimiser, ClipsTheJointNorm) {
  method::OptimiserOptions o;
  o.rate = 1;
  o.momentum = 0;
  o.weight_decay = 0;
  o.clip_norm = 1;
  const std::vector<at::Tensor> p{torch::zeros({2, 1}).requires_grad_(), torch::zeros({1}).requires_grad_()};
  Optimiser optimiser(player_of(p, o));
  (p[0][0][0] * 3 + p[1].sum() * 4).backward();
  EXPECT_NEAR(optimiser.step(1), 5, 1e-6);
  EXPECT_NEAR(p[0][0][0].item<float>(), -0.6, 1e-5);
  EXPECT_NEAR(p[1][0].item<float>(), -0.8, 1e-5);
}

TEST(Optimiser, StateMovesToANewObject) {
  method::OptimiserOptions o;
  const std::vector<at::Tensor> p{torch::ones({2, 2}).requires_grad_()};
  Optimiser a(player_of(p, o)), b(player_of(p, o));
  p[0].sum().backward();
  a.step(0);
  b.load_state(a.state(), "test");
  EXPECT_TRUE(b.state()[1].second.equal(a.state()[1].second));
  EXPECT_THROW(b.load_state({}, "test"), Error);
}

}  // namespace
}  // namespace mien::train
