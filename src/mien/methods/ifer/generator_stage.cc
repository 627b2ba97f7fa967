// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/generator_stage.h"

#include <cmath>

#include "mien/methods/ifer/loss.h"
#include "mien/methods/ifer/memory.h"
#include "mien/methods/ifer/pictures.h"
#include "mien/methods/ifer/stage_parts.h"
#include "mien/methods/ifer/views.h"
#include "mien/nn/float32.h"

namespace mien::methods::ifer {
namespace {

/// StyleGAN2 section 3.1: a regularisation every k steps scales the optimiser's settings by k/(k+1).
method::OptimiserOptions lazy_adam(double rate, int every, bool regularised) {
  const double share = regularised ? static_cast<double>(every) / (every + 1) : 1;
  method::OptimiserOptions options;
  options.kind = method::OptimiserKind::adam;
  options.rate = rate * share;
  options.beta1 = 0;
  options.beta2 = std::pow(0.99, share);
  options.weight_decay = 0;
  options.schedule.kind = method::ScheduleKind::constant;
  return options;
}

class GeneratorGame {
 public:
  GeneratorGame(const IferConfig& config, IferNet network, at::Tensor path_mean)
      : config_(config), network_(std::move(network)), path_mean_(std::move(path_mean)) {}

  method::Losses critic(const at::Tensor& images) {
    at::Tensor generated;
    {
      const torch::NoGradGuard no_grad;
      generated = network_->decoder->forward(draw_codes(images.size(0)), {}, Noise::fresh).image;
    }
    const at::Tensor real = network_->critic->forward(images).to(at::kFloat);
    const at::Tensor fake = network_->critic->forward(generated).to(at::kFloat);
    return {{"critic", critic_loss(real, fake), 1},
            {"score_real", real.detach().mean(), 0},
            {"score_generated", fake.detach().mean(), 0}};
  }

  /// In float32: second derivatives lose too much in bfloat16.
  method::Losses r1(const at::Tensor& batch) {
    const nn::Float32 exact(batch.device().type());
    const at::Tensor images = batch.to(at::kFloat).detach().requires_grad_();
    const at::Tensor penalty = gradient_penalty(network_->critic->forward(images), images);
    return {{"r1", penalty, config_.r1 / 2 * config_.r1_every}};
  }

  method::Losses generator(const at::Tensor& images) {
    const FrozenParameters fixed(*network_->critic);
    const at::Tensor generated = network_->decoder->forward(draw_codes(images.size(0)), {}, Noise::fresh).image;
    return {{"generator", generator_loss(network_->critic->forward(generated).to(at::kFloat)), 1}};
  }

  /// On half the batch, in float32.
  method::Losses path(const at::Tensor& batch) {
    const nn::Float32 exact(batch.device().type());
    const at::Tensor codes = draw_codes(std::max<std::int64_t>(1, batch.size(0) / 2));
    const at::Tensor images = network_->decoder->forward(codes, {}, Noise::fresh).image;
    const at::Tensor noise =
        torch::randn_like(images) / std::sqrt(static_cast<double>(images.size(2) * images.size(3)));
    const PathLengths path = path_lengths(images, codes, noise, path_mean_);
    path_mean_.copy_(path.mean.detach());
    return {{"path", path.loss, config_.path * config_.path_every}, {"path_mean", path.mean.detach(), 0}};
  }

 private:
  /// With mixing, the codes from a random layer on are those of a second draw.
  at::Tensor draw_codes(std::int64_t n) {
    const auto& sizes = network_->decoder->sizes();
    const auto options = network_->latent_avg.options();
    const auto draw = [&] {
      return repeat_code(network_->decoder->map(torch::randn({n, sizes.code}, options)), sizes.num_codes());
    };
    const at::Tensor first = draw();
    if (torch::rand({1}).item<double>() >= config_.mixing) return first;
    return mix_codes(first, draw(), torch::randint(1, sizes.num_codes(), {1}).item<std::int64_t>());
  }

  IferConfig config_;
  IferNet network_;
  at::Tensor path_mean_;
};

}  // namespace

method::Stage generator_stage(const IferConfig& c, const face::InputSpec& input, IferNet network,
                              at::Tensor path_mean) {
  auto game = std::make_shared<GeneratorGame>(c, network, path_mean);
  method::Stage stage = unlabelled_stage("generator", c.generator, input);
  stage.needs.drop_last = true;  // the critic compares the pictures of a batch in groups of four
  method::Player generator{"generator", {parameters_of(*network->decoder, "decoder.")}, {}};
  generator.optimiser = lazy_adam(c.generator_rate, c.path_every, c.path > 0);
  generator.average = method::MovingAverage{"decoder.", c.generator_ema, method::AverageWarmUp::none};
  method::Player critic{"critic", {parameters_of(*network->critic, "critic.")}, {}};
  critic.optimiser = lazy_adam(c.generator_rate, c.r1_every, c.r1 > 0);
  stage.players = {critic, generator};
  const auto turn = [&](std::size_t player, int every, method::Losses (GeneratorGame::*losses)(const at::Tensor&),
                        const char* name) {
    stage.turns.push_back({player, every,
                           [game, losses](const batch::Batch& batch, const method::StepContext&) {
                             return ((*game).*losses)(in_colour(batch.images()));
                           },
                           name});
  };
  turn(0, 1, &GeneratorGame::critic, "score");
  if (c.r1 > 0) turn(0, c.r1_every, &GeneratorGame::r1, "r1");
  turn(1, 1, &GeneratorGame::generator, "score");
  if (c.path > 0) turn(1, c.path_every, &GeneratorGame::path, "path");
  stage.hooks.epoch_end = [network](method::HookContext& context) mutable {
    context.pictures.push_back(generated_faces(network));
  };
  stage.hooks.stage_begin = [network, check = stage.hooks.stage_begin](method::HookContext& context) mutable {
    check(context);
    if (!context.is_resumed) network->latent_avg.zero_();  // the mean code of another generator
  };
  stage.hand_over = method::HandOver::average;
  check_memory_first(stage, {network, path_mean, "generator.batch_size", /*multiple=*/4});
  return stage;
}

}  // namespace mien::methods::ifer
