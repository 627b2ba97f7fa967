// SPDX-License-Identifier: Apache-2.0
// IFER as a method: three stages, each of which runs alone or after the others.
#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/method/imagenet.h"
#include "mien/method/method_of.h"
#include "mien/methods/ifer/generator_stage.h"
#include "mien/methods/ifer/inversion_stage.h"
#include "mien/methods/ifer/memory.h"
#include "mien/methods/ifer/reconstruction.h"
#include "mien/methods/ifer/views.h"
#include "mien/methods/ifer/whole.h"
#include "mien/nn/cross_entropy.h"

namespace mien::methods::ifer {
namespace {

const method::MethodInfo kInfo{"ifer",
                               "IFER: expression by facial inversion (Adversarial Style Inversion Transformer)",
                               "More comprehensive facial inversion for more effective expression recognition. "
                               "arXiv 2211.13564 (2022)",
                               "MIT (repository), NVIDIA Source Code License-NC (the encoder it derives from)",
                               {"generator", "inversion", "recognition"}};

class Ifer final : public method::MethodOf<IferConfig, IferNet> {
 public:
  Ifer(const IferConfig& config, const method::DataFacts& facts)
      : MethodOf(kInfo, config, facts), path_mean_(torch::zeros({})), losses_(load_loss_networks(config)) {
    const std::int64_t side = sizes_of(config.preset).encoder.image;
    if (facts.input.width != side || facts.input.height != side)
      fail_usage(fmt::format("model.preset = {} needs {}×{} pixels, not {}×{}.", to_word(config.preset), side, side,
                             facts.input.height, facts.input.width),
                 fmt::format("Set input.size={}.", side));
  }

  nn::NamedTensors extra_state() override { return {{"path_mean", path_mean_}}; }
  nn::NamedTensors fixed_state() override { return losses_.state(); }
  std::vector<method::Stage> stages() override;
  method::Deploy deploy(const method::DeployOptions& options) override;
  method::ImportRules import_rules() const override;

 private:
  void draw() override;
  method::Prediction answer(const at::Tensor& images) override;
  method::Stage recognition();

  at::Tensor path_mean_;
  LossNetworks losses_;
};

void Ifer::draw() {
  draw_weights(network_, config_.layer_scale);
  path_mean_.zero_();
  if (!config_.generator_file.empty()) load_generator(network_->decoder, network_->latent_avg, config_.generator_file);
  if (!config_.backbone.empty())
    method::load_backbone(*network_->feature_model, config_.backbone, {{{"encoder.", ""}, {"feature_model.", ""}}});
}

/// Card 7: ASIT files contain "encoder." and "decoder.", IFER files the recognition network.
method::ImportRules Ifer::import_rules() const {
  method::ImportRules rules;
  rules.containers = {"state_dict"};
  rules.keys.prefixes = {{"encoder.", "feature_model."}, {"", ""}};
  rules.optional = {"decoder.", "dis.", "critic.", "latent_avg", "conv.", "style_conv.", "head."};
  rules.around = {"latent_avg"};
  rules.classifier = "head.weight";
  rules.orders = {"raf"};
  rules.config = method::imagenet_settings(256);
  return rules;
}

method::Stage Ifer::recognition() {
  const bool frozen = config_.freeze_encoder;
  const auto belongs = [frozen](const std::string& key) {
    const auto starts = [&](const char* prefix) { return key.starts_with(prefix); };
    if (starts("decoder.") || starts("dis.") || starts("critic.")) return false;
    return !frozen || !starts("feature_model.");
  };
  const auto losses = [this](const batch::Batch& batch, const method::StepContext&) -> method::Losses {
    const FerOutput out = network_->forward(in_colour(batch.images()));
    return {{"cross_entropy", nn::cross_entropy(out.logits, batch.distribution), 1}};
  };
  method::Stage stage = one_stage({recognition_view(config_, facts_.input)}, {group("all", belongs)}, losses);
  stage.name = "recognition";
  stage.needs.wrap = [c = config_](batch::Batch& batch, at::Generator& g, double) { mix_batch(batch, c, g); };
  if (frozen) stage.frozen = {"feature_model."};
  if (config_.recognition_init == RecognitionInit::scratch)
    stage.hooks.stage_begin = [network = network_, scale = config_.layer_scale](method::HookContext& context) mutable {
      if (!context.is_resumed) draw_encoder(network->feature_model, scale);
    };
  check_memory_first(stage, {network_, {}, "train.batch_size"});
  return stage;
}

std::vector<method::Stage> Ifer::stages() {
  return {generator_stage(config_, facts_.input, network_, path_mean_),
          inversion_stage(config_, facts_.input, network_, losses_), recognition()};
}

method::Prediction Ifer::answer(const at::Tensor& images) {
  const PerFaceAnswers alone(network_->feature_model);
  return {network_->forward(in_colour(images)).logits, {}};
}

method::Deploy Ifer::deploy(const method::DeployOptions& options) {
  const auto side = static_cast<float>(facts_.input.width);
  const auto outputs = [network = network_, options, side](const at::Tensor& images) mutable {
    const PerFaceAnswers alone(network->feature_model);
    const FerOutput out = network->forward(in_colour(images));
    std::vector<method::DeployOutput> all;
    if (out.modulated.defined())
      // Every halving is a 3×3 convolution with stride 2 and padding 1: cell i is centred on pixel i·stride.
      all = method::linear_classifier_outputs(out.logits, out.modulated, network->head->weight, side / 4, 0.5f);
    else
      all.push_back({{face::kLogits, method::kLogitsMeaning, "real"}, out.logits});
    if (options.with_reconstruction)
      for (auto& output : reconstruction_outputs(network, out.encoder, images.size(1)))
        all.push_back(std::move(output));
    return all;
  };
  return method::deploy_of(facts_.input, network_.ptr(), outputs);
}

}  // namespace

std::unique_ptr<method::MethodConfig> make_config() { return method::config_of<Ifer, IferConfig>(kInfo, golden); }

}  // namespace mien::methods::ifer
