// SPDX-License-Identifier: Apache-2.0
// Stages: the parts trained by each turn, the effects of the flags, the exported outputs.
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "mien/base/error.h"
#include "mien/methods/ifer/inversion_stage.h"
#include "mien/methods/ifer/views.h"
#include "support/method_case.h"

namespace mien::methods::ifer {

testing::MethodCase method_case();

namespace {

using Settings = std::vector<std::string>;

std::unique_ptr<method::Method> build(const Settings& settings = {}) {
  return testing::build(*make_config(), method_case(), settings);
}

at::Tensor find(torch::nn::Module& network, const std::string& key) {
  return testing::find(nn::state_of(network), key);
}

/// Terms of a turn of the stage "inversion", and the parts that get a gradient from their weighted sum.
struct Step {
  std::map<std::string, double> terms;
  std::set<std::string> touched;  ///< first part of the keys

  Step(method::Method& method, const std::string& player) {
    const auto stage = method.stages().at(1);
    const auto batch = testing::batch_for(stage, method_case());
    method.network().train();
    for (const auto& prefix : stage.frozen)
      for (auto& p : method.network().named_parameters())
        if (p.key().starts_with(prefix)) p.value().requires_grad_(false);
    for (const auto& turn : stage.turns) {
      if (stage.players[turn.player].name != player) continue;
      torch::manual_seed(2);
      const auto losses = turn.losses(batch, {});
      for (const auto& term : losses) terms[term.name] = term.value.item<double>();
      method::total(losses).backward();
    }
    for (const auto& p : method.network().named_parameters())
      if (p.value().grad().defined() && p.value().grad().abs().sum().item<double>() > 0)
        touched.insert(p.key().substr(0, p.key().find('.')));
  }
};

TEST(IferMethod, HasThreeStages) {
  const auto stages = build()->stages();
  ASSERT_EQ(stages.size(), 3u);
  EXPECT_EQ(stages[0].name, "generator");
  EXPECT_EQ(stages[1].name, "inversion");
  EXPECT_EQ(stages[2].name, "recognition");
  EXPECT_FALSE(stages[0].needs.labels);
  EXPECT_TRUE(stages[2].needs.labels);
  EXPECT_EQ(stages[2].players.at(0).optimiser.kind, method::OptimiserKind::adamw);
  EXPECT_EQ(stages[1].players.at(0).optimiser.kind, method::OptimiserKind::ranger);
}

TEST(IferMethod, EachPlayerOfTheInversionIsTrainedByItsOwnTurn) {
  auto method = build();
  const Step discriminator(*method, "discriminator");
  EXPECT_EQ(discriminator.touched, std::set<std::string>{"dis"});
  EXPECT_TRUE(discriminator.terms.contains("cosine_inverted"));
  method = build();
  const Step encoder(*method, "encoder");
  EXPECT_EQ(encoder.touched, std::set<std::string>{"feature_model"});
  for (const char* term : {"l2", "adversarial", "distribution", "structure_deviation"})
    EXPECT_TRUE(encoder.terms.contains(term)) << term;
  method = build({"inversion.train_generator=true"});
  EXPECT_EQ(Step(*method, "encoder").touched, (std::set<std::string>{"decoder", "feature_model"}));
}

TEST(IferMethod, TheMovingAverageIsOfTheGeneratorAlone) {
  const auto stages = build({"generator.ema_decay=0.9"})->stages();
  for (const auto& player : stages[0].players) {
    EXPECT_EQ(player.average.has_value(), player.name == "generator") << player.name;
    if (!player.average) continue;
    EXPECT_EQ(player.average->prefix, "decoder.");
    EXPECT_EQ(player.average->decay, 0.9);
  }
  EXPECT_EQ(stages[0].hand_over, method::HandOver::average);
}

/// Stage 0, one step's turn: the part that gets a gradient.
TEST(IferMethod, CriticAndGeneratorAreTrainedByTheirOwnTurns) {
  auto method = build();
  const auto stage = method->stages().at(0);
  const auto batch = testing::batch_for(stage, method_case());
  for (const auto& turn : stage.turns) {
    method->network().zero_grad();
    method::total(turn.losses(batch, {})).backward();
    std::set<std::string> touched;
    for (const auto& p : method->network().named_parameters())
      if (p.value().grad().defined() && p.value().grad().abs().sum().item<double>() > 0)
        touched.insert(p.key().substr(0, p.key().find('.')));
    const std::string part = stage.players[turn.player].name == "critic" ? "critic" : "decoder";
    EXPECT_EQ(touched, std::set<std::string>{part}) << turn.name;
  }
}

/// R1 and path length are bit-identical with mixed precision; the scores are not.
TEST(IferMethod, RegularisationsStayInFloat32) {
  const auto value = [](const std::string& name, bool mixed) {
    auto method = build();
    const auto stage = method->stages().at(0);
    const auto batch = testing::batch_for(stage, method_case());
    torch::manual_seed(4);
    for (const auto& turn : stage.turns) {
      if (turn.name != name) continue;
      const nn::Autocast autocast(mixed, at::kCPU);
      return turn.losses(batch, {}).front().value.item<double>();
    }
    return 0.0;
  };
  for (const std::string name : {"r1", "path"}) {
    EXPECT_NE(value(name, false), 0) << name;
    EXPECT_EQ(value(name, true), value(name, false)) << name;
  }
  EXPECT_NE(value("score", true), value("score", false));
}

/// A part whose weights are not finite shows in the terms of its own player.
TEST(IferMethod, WhatIsNotFiniteShowsInTheTermsOfItsPlayer) {
  const auto bad_term = [](std::size_t stage_index, const std::string& player, const std::string& key) {
    auto method = build();
    {
      const torch::NoGradGuard no_grad;
      find(method->network(), key).fill_(std::numeric_limits<float>::quiet_NaN());
    }
    const auto stage = method->stages().at(stage_index);
    const auto batch = testing::batch_for(stage, method_case());
    for (const auto& turn : stage.turns) {
      if (stage.players[turn.player].name != player) continue;
      for (const auto& term : turn.losses(batch, {}))
        if (term.weight != 0 && !std::isfinite(term.value.item<double>())) return term.name;
    }
    return std::string("none");
  };
  EXPECT_EQ(bad_term(0, "critic", "critic.final_linear.1.bias"), "critic");
  EXPECT_EQ(bad_term(0, "generator", "decoder.to_rgb1.bias"), "generator");
  EXPECT_EQ(bad_term(1, "encoder", "feature_model.last_block.bias"), "l2");
  EXPECT_EQ(bad_term(1, "discriminator", "dis.model_q.lin.bias"), "discriminator");
  EXPECT_EQ(bad_term(2, "network", "head.bias"), "cross_entropy");
}

TEST(IferMethod, WeightsOfZeroLeaveTheirPartsOut) {
  const auto terms = [](const Settings& settings) { return Step(*build(settings), "encoder").terms; };
  EXPECT_FALSE(terms({"loss.distribution.weight=0"}).contains("distribution"));
  EXPECT_FALSE(terms({"loss.adversarial.weight=0"}).contains("adversarial"));
  EXPECT_EQ(build({"loss.adversarial.weight=0"})->stages().at(1).players.size(), 1u);
  EXPECT_TRUE(terms({"loss.w_norm.weight=1"}).contains("w_norm"));
}

TEST(IferMethod, FlagsChangeTheInversion) {
  const auto term = [](const Settings& settings, const char* name) {
    return Step(*build(settings), "encoder").terms.at(name);
  };
  const double plain = term({}, "l2");
  EXPECT_NE(term({"model.use_structure=false"}, "l2"), plain);
  EXPECT_NE(term({"model.latent_space=w"}, "l2"), plain);
  EXPECT_NE(term({"loss.distribution.form=all"}, "distribution"), term({}, "distribution"));
  const Settings alone{"loss.l2.weight=0", "loss.distribution.weight=0", "loss.adversarial.weight=1"};
  EXPECT_EQ(Step(*build(alone), "encoder").touched, std::set<std::string>{"feature_model"});
  Settings stopped = alone;
  stopped.insert(stopped.end(), {"loss.adversarial.gradient=stopped", "loss.w_norm.weight=1e-6"});
  const Step step(*build(stopped), "encoder");
  EXPECT_TRUE(step.terms.contains("adversarial"));
}

TEST(IferMethod, InversionBeginsWithTheMeanCodeAndATwin) {
  auto method = build();
  auto& network = method->network();
  {
    const torch::NoGradGuard no_grad;
    find(network, "dis.model_q.lin.bias").fill_(3);
  }
  method::HookContext context;
  EXPECT_THROW(method->stages().at(1).hooks.stage_begin(context), Error);  // the values are not in -1..1
  method::DataFacts facts = method->facts();
  facts.input.mean = {0.5f};
  facts.input.std = {0.5f};
  Fields fields;
  const auto config = make_config();
  config->declare(fields);
  for (const auto& setting : method_case().tiny) fields.set_text(setting);
  method = config->build(facts);
  method->initialise(1);
  const auto begin = method->stages().at(1).hooks.stage_begin;
  context.is_resumed = true;
  begin(context);
  EXPECT_EQ(find(method->network(), "latent_avg").abs().sum().item<float>(), 0);
  context.is_resumed = false;
  begin(context);
  EXPECT_GT(find(method->network(), "latent_avg").abs().sum().item<float>(), 0);
}

TEST(IferMethod, RecognitionTrainsWhatItsFlagsSay) {
  const auto groups = [](const Settings& settings) {
    std::set<std::string> parts;
    const auto stages = build(settings)->stages();
    for (const auto& group : stages.at(2).players.at(0).groups)
      for (const auto& p : group.parameters) parts.insert(p.first.substr(0, p.first.find('.')));
    return parts;
  };
  EXPECT_EQ(groups({}), (std::set<std::string>{"conv", "feature_model", "head", "style_conv"}));
  EXPECT_EQ(groups({"recognition.freeze_encoder=true"}), (std::set<std::string>{"conv", "head", "style_conv"}));
  auto method = build({"recognition.init=scratch"});
  const auto before = find(method->network(), "feature_model.last_block.weight").clone();
  const auto kept = find(method->network(), "decoder.input.input").clone();
  method::HookContext context;
  method->stages().at(2).hooks.stage_begin(context);
  EXPECT_FALSE(find(method->network(), "feature_model.last_block.weight").equal(before));
  EXPECT_TRUE(find(method->network(), "decoder.input.input").equal(kept));
}

TEST(IferMethod, ExportsTheReconstructionOnDemand) {
  auto method = build();
  const auto names = [](const method::Deploy& deploy) {
    std::vector<std::string> out;
    for (const auto& output : deploy.outputs) out.push_back(output.name);
    return out;
  };
  EXPECT_EQ(names(method->deploy()), (std::vector<std::string>{"logits", "class_maps"}));
  const auto deploy = method->deploy({.with_reconstruction = true});
  EXPECT_EQ(names(deploy),
            (std::vector<std::string>{"logits", "class_maps", "reconstruction", "codes", "structure", "mean_code"}));
  EXPECT_EQ(names(build({"model.use_structure=false"})->deploy({.with_reconstruction = true})),
            (std::vector<std::string>{"logits", "class_maps", "reconstruction", "codes", "mean_code"}));
}

/// Training mixes the pictures of a batch (GlobalQuery::reference); an exported network treats each face of a batch as
/// the reference does for that face alone.
TEST(IferMethod, ExportAnswersEachFaceAsTheReferenceAnswersItAlone) {
  auto method = build();
  auto& network = dynamic_cast<IferNetImpl&>(method->network());
  const auto deploy = method->deploy({.with_reconstruction = true});
  const torch::NoGradGuard no_grad;
  torch::manual_seed(5);
  const auto images = torch::randn({3, 1, 64, 64});
  const auto together = deploy.forward(images);
  ASSERT_EQ(network.feature_model->global_query(), GlobalQuery::reference);
  const auto far = [](const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<float>(); };
  for (std::int64_t i = 0; i < 3; ++i) {
    const auto face = in_colour(images.narrow(0, i, 1));
    const auto alone = network.forward(face);
    const auto inverted = network.invert(face, Noise::fixed);
    EXPECT_LT(far(together[0].narrow(0, i, 1), alone.logits), 1e-4) << i;
    EXPECT_EQ(together[2].narrow(0, i, 1).sizes(), at::IntArrayRef({1, 1, 64, 64}));
    EXPECT_LT(far(together[2].narrow(0, i, 1), inverted.image.mean(1, true)), 1e-4) << i;
    EXPECT_LT(far(together[3].narrow(0, i, 1), inverted.codes), 1e-4) << i;
    EXPECT_LT(far(together[4].narrow(0, i, 1), inverted.encoder.structure), 1e-4) << i;
  }
}

TEST(IferMethod, AnotherSizeNamesThePreset) {
  auto small = method_case();
  small.side = 32;
  try {
    testing::build(*make_config(), small);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(error.message().find("small"), std::string::npos);
    EXPECT_NE(error.remedy().find("64"), std::string::npos);
  }
}

TEST(IferMethod, MissingLossNetworksAreNamed) {
  IferConfig config;
  config.preset = Preset::small;
  try {
    require_loss_networks(config, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.remedy().find("init.lpips"), std::string::npos);
  }
}

TEST(MixBatch, TargetsStayDistributionsAndPicturesAreMixedWithTheReversedBatch) {
  at::Generator g = at::detail::createCPUGenerator(3);
  IferConfig config;
  config.cutmix_alpha = 0;
  config.smoothing = 0;
  batch::Batch batch;
  batch.views = {torch::arange(4, at::kFloat).view({4, 1, 1, 1}).expand({4, 1, 8, 8}).contiguous()};
  batch.labels = torch::arange(4, at::kLong);
  batch.distribution = at::one_hot(batch.labels, 4).to(at::kFloat);
  mix_batch(batch, config, g);
  const float share = batch.distribution[0][0].item<float>();
  EXPECT_NEAR(batch.distribution[0][3].item<float>(), 1 - share, 1e-6);
  EXPECT_NEAR(batch.images()[0][0][0][0].item<float>(), 3 * (1 - share), 1e-5);
  config.mixup_alpha = 0;
  config.cutmix_alpha = 1;
  batch.views = {torch::arange(4, at::kFloat).view({4, 1, 1, 1}).expand({4, 1, 8, 8}).contiguous()};
  batch.distribution = at::one_hot(batch.labels, 4).to(at::kFloat);
  mix_batch(batch, config, g);
  EXPECT_TRUE(at::allclose(batch.distribution.sum(1), torch::ones({4})));
  // Picture 0 shows 3 inside the rectangle: its mean is three times the partner's share.
  EXPECT_NEAR(batch.images()[0].mean().item<float>(), 3 * batch.distribution[0][3].item<float>(), 1e-5);
}

TEST(RandomResizedCrop, StaysWithinThePicture) {
  at::Generator g = at::detail::createCPUGenerator(4);
  const auto ramp = torch::arange(48, at::kFloat).view({1, 1, 1, 48}).expand({64, 1, 48, 48});
  const auto crop = random_resized_crop(ramp, 0.5, 32, 32, g);
  ASSERT_EQ(crop.sizes(), at::IntArrayRef({64, 1, 32, 32}));
  EXPECT_GE(crop.min().item<float>(), 0);
  EXPECT_LE(crop.max().item<float>(), 47);
  const auto width = crop.select(3, 31).select(2, 0) - crop.select(3, 0).select(2, 0);
  EXPECT_GE(width.min().item<float>(), 48 * std::sqrt(0.5 * 0.75) * 31 / 32 - 1);
}

}  // namespace
}  // namespace mien::methods::ifer
