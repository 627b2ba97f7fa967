// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/inversion_stage.h"

#include "mien/methods/ifer/alignment.h"
#include "mien/methods/ifer/loss.h"
#include "mien/methods/ifer/memory.h"
#include "mien/methods/ifer/pictures.h"
#include "mien/methods/ifer/stage_parts.h"
#include "mien/methods/ifer/views.h"

namespace mien::methods::ifer {
namespace {

constexpr std::int64_t kDrawsOfTheMean = 100'000, kShownFaces = 6;

method::OptimiserOptions ranger(double rate) {
  method::OptimiserOptions options;
  options.kind = method::OptimiserKind::ranger;
  options.rate = rate;
  options.beta1 = 0.95;
  options.eps = 1e-5;
  options.weight_decay = 0;
  options.schedule.kind = method::ScheduleKind::constant;
  return options;
}

class InversionGame {
 public:
  InversionGame(const IferConfig& config, IferNet network, LossNetworks losses)
      : config_(config), network_(std::move(network)), losses_(std::move(losses)) {}

  bool has_discriminator() const { return config_.adversarial > 0; }

  /// The encoder in inference mode, the generator without gradients.
  method::Losses discriminator(const at::Tensor& images) {
    at::Tensor image;
    {
      const torch::NoGradGuard no_grad;
      network_->feature_model->eval();
      image = network_->invert(images, Noise::fresh).image;
      network_->feature_model->train();
    }
    const at::Tensor real = network_->dis->forward(images, images), fake = network_->dis->forward(image, images);
    return {{"discriminator", score_loss(real, 1) + score_loss(fake, -1), 1},
            {"cosine_real", real.detach().mean(), 0},
            {"cosine_inverted", fake.detach().mean(), 0}};
  }

  method::Losses encoder(const at::Tensor& images) {
    const auto source = config_.distribution > 0 ? source_features(images.size(0)) : std::vector<at::Tensor>{};
    const Inversion out =
        network_->invert(images, Noise::fresh, config_.distribution > 0 ? EncoderFeatures::all : EncoderFeatures::none);
    method::Losses terms = distances(out.image, images);
    if (has_discriminator()) terms.push_back({"adversarial", adversarial(out.image, images), config_.adversarial});
    if (config_.distribution > 0) {
      const AlignmentDraw draw =
          draw_alignment(config_.distribution_form, images.size(0), static_cast<std::int64_t>(source.size()));
      terms.push_back({"distribution", alignment_loss(config_.distribution_form, source, out.encoder.features, draw),
                       config_.distribution});
    }
    if (config_.w_norm > 0)
      terms.push_back({"w_norm", code_norm(out.codes, network_->latent_avg).to(at::kFloat), config_.w_norm});
    // A structure code far from deviation 1 saturates the picture (card, trap 11).
    terms.push_back({"structure_deviation", out.encoder.structure.detach().to(at::kFloat).std(), 0});
    return terms;
  }

  /// The terms that select the best encoder, with the generator's fixed noise; the feature distance is only a figure.
  method::Losses validate(const at::Tensor& images) {
    const at::Tensor image = network_->invert(images, Noise::fixed).image;
    method::Losses terms = distances(image, images);
    if (!losses_.plain.is_empty()) terms.push_back({"plain_features", losses_.plain->distance(image, images), 0});
    return terms;
  }

 private:
  method::Losses distances(const at::Tensor& image, const at::Tensor& source) {
    method::Losses terms;
    if (config_.l2 > 0) terms.push_back({"l2", pixel_loss(image, source), config_.l2});
    if (config_.lpips > 0)
      terms.push_back({"lpips", losses_.lpips->forward(image, source).to(at::kFloat), config_.lpips});
    if (config_.identity > 0) {
      losses_.identity->eval();
      const at::Tensor wanted = losses_.identity->features(source).detach();
      terms.push_back(
          {"identity", identity_loss(losses_.identity->features(image), wanted).to(at::kFloat), config_.identity});
    }
    return terms;
  }

  at::Tensor adversarial(const at::Tensor& image, const at::Tensor& source) {
    const FrozenParameters fixed(*network_->dis->model_q);
    const bool stopped = config_.adversarial_gradient == AdversarialGradient::stopped;
    return score_loss(network_->dis->forward(stopped ? image.detach() : image, source), 1);
  }

  std::vector<at::Tensor> source_features(std::int64_t n) {
    const torch::NoGradGuard no_grad;
    const auto& sizes = network_->decoder->sizes();
    const at::Tensor w = network_->decoder->map(torch::randn({n, sizes.code}, network_->latent_avg.options()));
    return network_->decoder->forward(repeat_code(w, sizes.num_codes()), {}, Noise::fresh).features;
  }

  IferConfig config_;
  IferNet network_;
  LossNetworks losses_;
};

/// The mean code of the generator unless a file gave it, and a twin that starts as a copy of the query network.
void begin(const IferConfig& c, IferNet& network, const LossNetworks& losses, const method::HookContext& context) {
  require_loss_networks(c, losses);
  if (context.is_resumed) return;
  const torch::NoGradGuard no_grad;
  if (network->latent_avg.eq(0).all().item<bool>())
    network->latent_avg.copy_(mean_code(network->decoder, kDrawsOfTheMean));
  network->dis->start_twin();
}

void show(IferNet& network, method::HookContext& context) {
  if (!context.for_each_validation_batch) return;
  context.for_each_validation_batch([&](const batch::Batch& batch) {
    const std::int64_t shown = std::min(kShownFaces, batch.size());
    context.pictures.push_back(inverted_faces(network, batch.images().narrow(0, 0, shown)));
    return false;
  });
}

}  // namespace

method::Stage inversion_stage(const IferConfig& c, const face::InputSpec& input, IferNet network,
                              const LossNetworks& losses) {
  auto game = std::make_shared<InversionGame>(c, network, losses);
  method::Stage stage = unlabelled_stage("inversion", c.inversion, input);
  method::Player encoder{"encoder", {parameters_of(*network->feature_model, "feature_model.")}, {}};
  encoder.optimiser = ranger(c.encoder_rate);
  if (c.train_generator)
    encoder.groups.push_back(parameters_of(*network->decoder, "decoder."));
  else
    stage.frozen = {"decoder."};
  stage.players = {encoder};
  if (game->has_discriminator()) {
    method::Player discriminator{"discriminator", {parameters_of(*network->dis->model_q, "dis.model_q.")}, {}};
    discriminator.optimiser = ranger(c.discriminator_rate);
    stage.players.push_back(discriminator);
    stage.turns.push_back({1, 1, [game](const batch::Batch& batch, const method::StepContext&) {
                             return game->discriminator(in_colour(batch.images()));
                           }});
  }
  stage.turns.push_back({0, 1, [game](const batch::Batch& batch, const method::StepContext&) {
                           return game->encoder(in_colour(batch.images()));
                         }});
  stage.validate = [game](const batch::Batch& batch) { return game->validate(in_colour(batch.images())); };
  stage.hooks.stage_begin = [c, network, losses,
                             check = stage.hooks.stage_begin](method::HookContext& context) mutable {
    check(context);
    begin(c, network, losses, context);
  };
  stage.hooks.epoch_end = [network](method::HookContext& context) mutable { show(network, context); };
  stage.hand_over = method::HandOver::best;
  check_memory_first(stage, {network, {}, "inversion.batch_size"});
  return stage;
}

}  // namespace mien::methods::ifer
