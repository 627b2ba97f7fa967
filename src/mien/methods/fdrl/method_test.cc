// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fdrl/config.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/nn/resnet.h"
#include "mien/nn/state.h"
#include "support/method_case.h"
#include "support/temp_dir.h"

namespace mien::methods::fdrl {

testing::MethodCase method_case();

namespace {

using testing::find;

std::unique_ptr<method::Method> build(const std::vector<std::string>& settings) {
  return testing::build(*make_config(), method_case(), settings);
}

batch::Batch batch_for(const method::Stage& stage) { return testing::batch_for(stage, method_case()); }

TEST(FdrlMethod, LossesAreThoseOfTheCard) {
  const auto run =
      nn::read_safetensors("tests/golden/fdrl.safetensors").tensors;  // the suite compares the build with it
  const std::pair<const char*, double> expected[] = {{"train.loss.classification", 947.97479},
                                                     {"train.loss.compactness", 561.05634},
                                                     {"train.loss.balance", 580.6275},
                                                     {"train.loss.distribution", 37625.371},
                                                     {"train.loss.total", 1532.42102},
                                                     {"small.train.loss.classification", 2.67816},
                                                     {"small.train.loss.balance", 0.36888},
                                                     {"small.train.loss.total", 3.10329},
                                                     {"mean.train.loss.classification", 7.34965},
                                                     {"mean.train.loss.balance", 3.54397},
                                                     {"mean.train.loss.total", 10.95007}};
  for (const auto& [name, value] : expected) EXPECT_NEAR(find(run, name).item<double>(), value, 1e-4 * value) << name;
}

// The losses of a step use the centres before its update; the first batch sets them.
TEST(FdrlMethod, CentresStartAtTheFirstBatchAndFollow) {
  for (const char* kind : {"center-loss", "fixed", "gradient"}) {
    auto method = build({std::string("loss.centers=") + kind});
    const auto stages = method->stages();
    EXPECT_EQ(stages[0].players[0].groups.size(), std::string(kind) == "gradient" ? 2u : 1u);
    method->network().train();
    const batch::Batch batch = batch_for(stages[0]);
    EXPECT_EQ(find(method->extra_state(), "centers_placed").item<std::int64_t>(), 0);
    const auto terms = stages[0].turns[0].losses(batch, {});
    EXPECT_EQ(find(method->extra_state(), "centers_placed").item<std::int64_t>(), 1);
    const at::Tensor c = find(method->extra_state(), "compactness.centers").detach().clone(),
                     u = find(method->extra_state(), "distribution.centers").detach().clone();
    EXPECT_LT((u - u[0][0]).abs().max().item<double>(), 1e-6);  // one value for all at first
    stages[0].turns[0].losses(batch, {});
    stages[0].hooks.after_step(batch, {});
    const bool moves = std::string(kind) == "center-loss";
    const at::Tensor moved = find(method->extra_state(), "distribution.centers").detach();
    EXPECT_EQ(!moved.equal(u), moves) << kind;
    EXPECT_TRUE(moved[1].equal(u[1])) << "a class that the batch lacks";
    if (!moves) {
      EXPECT_TRUE(find(method->extra_state(), "compactness.centers").detach().equal(c)) << kind;
    }
  }
}

TEST(FdrlMethod, WeightsOfTheOtherNormAreRefused) {
  auto mean = build({}), sum = build({"model.intra_norm=sum"});
  at::Tensor mark = find(sum->extra_state(), "intra_norm_is_mean");
  method::HookContext context;
  const auto begin = sum->stages()[0].hooks.stage_begin;
  EXPECT_NO_THROW(begin(context));
  mark.copy_(find(mean->extra_state(), "intra_norm_is_mean"));  // as --init would
  EXPECT_THROW(begin(context), Error);
}

TEST(FdrlMethod, CentresStayOutOfWeightDecay) {
  const auto stage = build({"loss.centers=gradient"})->stages()[0];
  EXPECT_EQ(stage.players[0].groups[1].decay_factor, 0);
  EXPECT_EQ(stage.players[0].groups[1].parameters.size(), 2u);
}

TEST(FdrlMethod, BeginsFromATorchvisionBackbone) {
  auto source = build({});
  const testing::TempDir dir;
  nn::NamedTensors named;
  for (const auto& [key, value] : nn::state_of(source->network()))
    for (const auto& [theirs, ours] : nn::torchvision_resnet_names().prefixes)
      if (key.starts_with("backbone." + ours))
        named.emplace_back(theirs + key.substr(("backbone." + ours).size()), value);
  EXPECT_EQ(named.size(), 120u);
  nn::write_safetensors(dir / "resnet.safetensors", named, {});
  auto other = build({"init.backbone=" + (dir / "resnet.safetensors").string()});
  EXPECT_TRUE(find(nn::state_of(other->network()), "backbone.7.1.conv2.weight")
                  .equal(find(nn::state_of(source->network()), "backbone.7.1.conv2.weight")));
  // A run's own checkpoint also provides a backbone; an incomplete one is refused.
  nn::write_safetensors(dir / "best.safetensors", nn::state_of(source->network()), {});
  auto third = build({"init.backbone=" + (dir / "best.safetensors").string(), "model.fdn=false"});
  EXPECT_TRUE(find(nn::state_of(third->network()), "backbone.0.weight")
                  .equal(find(nn::state_of(source->network()), "backbone.0.weight")));
  named.resize(60);
  nn::write_safetensors(dir / "half.safetensors", named, {});
  EXPECT_THROW(build({"init.backbone=" + (dir / "half.safetensors").string()}), Error);
  // On reading, plain names become ours, and the foreign classifier matches none of them.
  const auto rules = source->import_rules();
  const auto renamed = rules.keys.apply(
      {{"layer1.0.conv1.weight", at::zeros({1})}, {"fc.weight", at::zeros({1})}, {"epn.bias", at::zeros({1})}});
  ASSERT_EQ(renamed.size(), 2u);
  EXPECT_EQ(renamed[0].first, "backbone.4.0.conv1.weight");
  EXPECT_EQ(renamed[1].first, "epn.bias");
  // None of our own entries is lost.
  nn::NamedTensors all = nn::state_of(source->network());
  for (const auto& extra : source->extra_state()) all.push_back(extra);
  EXPECT_EQ(rules.keys.apply(all).size(), all.size());
}

// A run with other classes provides latent centres, but its class centres do not fit (--init --lenient).
TEST(FdrlMethod, CentresThatCameWithoutThoseOfTheWeightsAreStartedAnew) {
  auto method = build({});
  const auto stages = method->stages();
  method::HookContext context;
  find(method->extra_state(), "centers_placed").fill_(1);
  stages[0].hooks.stage_begin(context);
  EXPECT_EQ(find(method->extra_state(), "centers_placed").item<std::int64_t>(), 0);
  method->network().train();
  stages[0].turns[0].losses(batch_for(stages[0]), {});
  stages[0].hooks.stage_begin(context);  // these are valid and stay
  EXPECT_EQ(find(method->extra_state(), "centers_placed").item<std::int64_t>(), 1);
}

TEST(FdrlMethod, DeploysWhatItCanShow) {
  const auto deploy = build({})->deploy();
  std::vector<std::string> names;
  for (const auto& output : deploy.outputs) names.push_back(output.name);
  EXPECT_EQ(names, (std::vector<std::string>{"logits", "latent_maps", "weights", "class_weights", "latent_norms",
                                             "relations", "expression"}));
  EXPECT_EQ(deploy.outputs[2].labels.size(), 9u);
  EXPECT_EQ(deploy.outputs[4].labels.size(), 9u);
  const auto out = deploy.forward(at::rand({2, 1, 32, 32}));
  EXPECT_EQ(out.back().sizes(), at::IntArrayRef({2, 16}));
  EXPECT_GE(out[4].min().item<float>(), 0);
}

}  // namespace
}  // namespace mien::methods::fdrl
