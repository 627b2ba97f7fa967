// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/method/imagenet.h"
#include "mien/method/method_of.h"
#include "mien/methods/fdrl/crops.h"
#include "mien/methods/fdrl/deploy_outputs.h"
#include "mien/methods/fdrl/loss.h"
#include "mien/nn/cross_entropy.h"
#include "mien/nn/float32.h"

namespace mien::methods::fdrl {
namespace {

const method::MethodInfo kInfo{"fdrl",
                               "FDRL: Feature Decomposition and Reconstruction Learning",
                               "Ruan, Yan, Lai, Chai, Shen, Wang: Feature Decomposition and Reconstruction Learning "
                               "for Effective Facial Expression Recognition. "
                               "CVPR 2021, 7660-7669; arXiv 2104.05160",
                               "none published",
                               {"main"}};

class Fdrl final : public method::MethodOf<FdrlConfig, FdrlNet> {
 public:
  Fdrl(const FdrlConfig& config, const method::DataFacts& facts)
      : MethodOf(kInfo, config, facts),
        latent_centers_(at::zeros({config.num_latent, config.latent_dim})),
        weight_centers_(at::zeros({num_classes(), config.num_latent})),
        has_centers_(at::zeros({}, at::kLong)),
        is_mean_(at::full({}, config.intra_norm == IntraNorm::mean ? 1 : 0, at::kLong)) {
    latent_centers_.requires_grad_(learns_centers());
    weight_centers_.requires_grad_(learns_centers());
  }

  nn::NamedTensors extra_state() override;
  std::vector<method::Stage> stages() override;
  method::Deploy deploy(const method::DeployOptions& options) override;
  method::ImportRules import_rules() const override;

 private:
  bool learns_centers() const { return config_.centers == Centers::gradient; }
  bool crops_centre() const { return takes_centre(config_.augment); }
  void draw() override;
  method::Prediction answer(const at::Tensor& images) override;
  void refuse_other_norm() const;
  void restart_unfit_centers();
  void start_centers(const Reconstruction& parts);
  void move_centers(const batch::Batch& batch);
  method::Losses losses(const batch::Batch& batch);

  at::Tensor latent_centers_, weight_centers_;  ///< c (M,D), u (K,M)
  at::Tensor has_centers_;                      ///< 1 after the first batch has set them
  at::Tensor is_mean_;                          ///< 1: the weights were trained with the mean of the sigmoids
  Reconstruction last_;                         ///< of the running step, detached
};

nn::NamedTensors Fdrl::extra_state() {
  if (!config_.fdn) return {};
  return {{"compactness.centers", latent_centers_},
          {"distribution.centers", weight_centers_},
          {"centers_placed", has_centers_},
          {"intra_norm_is_mean", is_mean_}};
}

void Fdrl::draw() {
  fdrl::initialise(network_);
  latent_centers_.zero_();
  weight_centers_.zero_();
  has_centers_.zero_();
  load_backbone(*network_->backbone);
}

/// Trap 1: weights trained with one kind do not suit the other.
void Fdrl::refuse_other_norm() const {
  const IntraNorm there = is_mean_.item<std::int64_t>() == 1 ? IntraNorm::mean : IntraNorm::sum;
  if (config_.has_weights() && there != config_.intra_norm)
    fail_usage(fmt::format("The weights were trained with model.intra_norm = '{}', but the configuration has '{}'.",
                           to_word(there), to_word(config_.intra_norm)),
               fmt::format("Set model.intra_norm = '{}'.", to_word(there)));
}

/// Weights read by --init may contain latent centres but none of α: other classes, or a run without intra
/// relation.
void Fdrl::restart_unfit_centers() {
  if (config_.has_weights() && !weight_centers_.detach().any().item<bool>()) has_centers_.zero_();
}

/// Card section 3: at the means of the first batch.
void Fdrl::start_centers(const Reconstruction& parts) {
  const torch::NoGradGuard no_grad;
  latent_centers_.copy_(parts.latent.mean(0));
  if (parts.intra_weights.defined()) weight_centers_.fill_(parts.intra_weights.mean());
  has_centers_.fill_(1);
}

method::Losses Fdrl::losses(const batch::Batch& batch) {
  const FdrlOutput out = network_->forward(batch.images());
  const nn::Float32 full(batch.images().device().type());
  method::Losses terms{
      {"cross_entropy",
       nn::cross_entropy(out.logits, nn::blend_target(batch.distribution, batch.labels, config_.votes)), 1}};
  if (!config_.fdn) return terms;
  const Reconstruction& r = out.parts;
  if (has_centers_.item<std::int64_t>() == 0) start_centers(r);
  last_.latent = r.latent.detach();
  if (config_.intra) last_.intra_weights = r.intra_weights.detach();
  terms.push_back({"compactness", compactness_loss(r.latent, latent_centers_), config_.lambda_compactness});
  if (config_.intra) {
    terms.push_back({"balance",
                     balance_loss(r.intra_weights, config_.balance_reduction == BalanceReduction::reimplementation),
                     config_.lambda_balance});
    terms.push_back({"distribution", distribution_loss(r.intra_weights, batch.labels, weight_centers_),
                     config_.lambda_distribution});
  }
  // The figures that the losses change, logged only: they show the trends of the claims.
  const torch::NoGradGuard no_grad;
  terms.push_back({"center_distance", distance_to_centers(r.latent, latent_centers_), 0});
  if (config_.intra) {
    terms.push_back({"weight", last_.intra_weights.mean(), 0});
    terms.push_back({"weight_spread", spread_within_classes(last_.intra_weights, batch.labels, num_classes()), 0});
  }
  const auto m = static_cast<double>(config_.num_latent);
  if (config_.inter) terms.push_back({"relation", r.inter_weights.detach().mean() * (m / (m - 1)), 0});
  return terms;
}

void Fdrl::move_centers(const batch::Batch& batch) {
  if (!config_.fdn || config_.centers != Centers::center_loss) return;
  move_latent_centers(latent_centers_, last_.latent, config_.center_rate);
  if (config_.intra) move_weight_centers(weight_centers_, last_.intra_weights, batch.labels, config_.center_rate);
}

std::vector<method::Stage> Fdrl::stages() {
  std::vector<method::ParameterGroup> groups{group("all")};
  if (config_.fdn && learns_centers())
    groups.push_back({"centers",
                      {{"compactness.centers", latent_centers_}, {"distribution.centers", weight_centers_}},
                      /*rate_factor=*/1,
                      /*decay_factor=*/0});
  method::Stage stage =
      one_stage({make_view(config_.augment, facts_.input)}, std::move(groups),
                [this](const batch::Batch& batch, const method::StepContext&) { return losses(batch); });
  stage.hooks.stage_begin = [this](method::HookContext&) {
    refuse_other_norm();
    restart_unfit_centers();
  };
  stage.hooks.after_step = [this](const batch::Batch& batch, const method::StepContext&) { move_centers(batch); };
  return {stage};
}

method::Prediction Fdrl::answer(const at::Tensor& images) {
  const FdrlOutput out = network_->forward(crops_centre() ? centre_crop(images) : images);
  method::Prediction prediction{out.logits, {}, {}, {}};
  if (config_.has_weights()) prediction.values.emplace_back("weights", out.parts.intra_weights);
  if (config_.fdn && config_.inter) prediction.maps.emplace_back("relations", out.parts.inter_weights);
  return prediction;
}

method::Deploy Fdrl::deploy(const method::DeployOptions& options) {
  method::refuse_reconstruction(kInfo.name, options);
  const std::int64_t side = facts_.input.width, border = crops_centre() ? (side - crop_side(side)) / 2 : 0;
  const auto outputs = [network = network_, centers = weight_centers_.detach(), crops = crops_centre(),
                        border](const at::Tensor& images) mutable {
    const FdrlOutput out = network->forward(crops ? centre_crop(images) : images);
    return deploy_outputs(*network, out, centers, border);
  };
  return method::deploy_of(facts_.input, network_.ptr(), outputs, {{"distribution.centers", weight_centers_}});
}

/// Files of the re-implementation contain `model_state_dict` with our keys; a plain ResNet-18 provides the backbone.
method::ImportRules Fdrl::import_rules() const {
  method::ImportRules rules;
  rules.containers = {"model_state_dict", "state_dict"};
  for (const auto& [theirs, ours] : nn::torchvision_resnet_names().prefixes)
    rules.keys.prefixes.emplace_back(theirs, "backbone." + ours);
  // The prefixes in our checkpoints; the classifier of a plain ResNet (fc) matches none and is dropped.
  for (const char* ours : {"backbone.", "fdn.", "frn.", "epn.", "compactness.centers", "distribution.centers",
                           "centers_placed", "intra_norm_is_mean"})
    rules.keys.prefixes.emplace_back(ours, ours);
  rules.classifier = "epn.weight";
  rules.orders = {"raf"};
  rules.config = method::imagenet_settings();
  for (const char* setting : {"model.intra_norm=sum", "model.skip=message", "augment=reimplementation"})
    rules.config.emplace_back(setting);
  return rules;
}

}  // namespace

std::unique_ptr<method::MethodConfig> make_config() { return method::config_of<Fdrl, FdrlConfig>(kInfo, golden); }

}  // namespace mien::methods::fdrl
