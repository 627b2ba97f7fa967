// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/batch/recipes.h"
#include "mien/method/imagenet.h"
#include "mien/method/method_of.h"
#include "mien/methods/dan/class_maps.h"
#include "mien/methods/dan/loss.h"
#include "mien/methods/dan/network.h"
#include "mien/nn/cross_entropy.h"

namespace mien::methods::dan {
namespace {

const method::MethodInfo kInfo{"dan",
                               "DAN: Distract Your Attention Network",
                               "Wen, Lin, Wang, Xu: Distract Your Attention: Multi-head Cross Attention Network for "
                               "Facial Expression Recognition. "
                               "arXiv 2109.07270 (2021); Biomimetics 8(2):199 (2023)",
                               "MIT (authors' code and checkpoints)",
                               {"main"}};

class Dan final : public method::MethodOf<DanConfig, DanNet> {
 public:
  Dan(const DanConfig& config, const method::DataFacts& facts)
      : MethodOf(kInfo, config, facts),
        affinity_(num_centers(), network_->feature_channels(), config.affinity_kind == AffinityKind::center) {}

  nn::NamedTensors extra_state() override { return {{"affinity.centers", affinity_->centers}}; }
  std::vector<method::Stage> stages() override;
  method::Deploy deploy(const method::DeployOptions& options) override;
  method::ImportRules import_rules() const override;

 private:
  std::int64_t num_centers() const {
    if (config_.affinity_centers == 0) return num_classes();
    if (config_.affinity_centers < num_classes())
      fail_usage(
          fmt::format("loss.affinity.centers = {} is below the {} classes.", config_.affinity_centers, num_classes()),
          "Use 0 for one centre per class.");
    return config_.affinity_centers;
  }
  void draw() override {
    dan::initialise(network_);
    affinity_->centers.normal_();
    load_backbone(*network_->features);
  }
  method::Prediction answer(const at::Tensor& images) override;
  method::Losses losses(const batch::Batch& batch);

  AffinityLoss affinity_;
};

/// Section 2.5 of the published files: `model_state_dict`, our own keys; a plain ResNet-18 gives the backbone.
method::ImportRules Dan::import_rules() const {
  method::ImportRules rules;
  rules.containers = {"model_state_dict", "state_dict"};
  for (const auto& [theirs, ours] : nn::torchvision_resnet_names().prefixes)
    rules.keys.prefixes.emplace_back(theirs, "features." + ours);
  rules.keys.prefixes.emplace_back("", "");
  rules.classifier = "fc.weight";
  rules.orders = {"raf", "affectnet"};
  rules.config = method::imagenet_settings();
  return rules;
}

method::Losses Dan::losses(const batch::Batch& batch) {
  const DanOutput out = network_->forward(batch.images());
  method::Losses terms;
  terms.push_back({"cross_entropy",
                   nn::cross_entropy(out.logits, nn::blend_target(batch.distribution, batch.labels, config_.votes)),
                   1});
  if (network_->heads.empty()) return terms;
  if (config_.affinity_weight > 0)
    terms.push_back({"affinity", affinity_->forward(out.features, batch.labels), config_.affinity_weight});
  if (config_.partition_weight > 0)
    terms.push_back({"partition", partition_loss(out.heads, config_.partition_form, config_.partition_eps),
                     config_.partition_weight});
  // The figures that the two losses change, logged only: they show the trend that the paper claims.
  const torch::NoGradGuard no_grad;
  terms.push_back({"head_variance", head_variance(out.heads), 0});
  terms.push_back({"class_scatter", class_scatter(out.features, batch.labels), 0});
  return terms;
}

std::vector<method::Stage> Dan::stages() {
  constexpr batch::Recipe recipes[] = {batch::raf_db, batch::affectnet, batch::ferplus, batch::plain};
  const batch::Recipe recipe = recipes[static_cast<std::size_t>(config_.augment)];
  method::ParameterGroup all = group("all");
  // One group, as in the reference: the centres share rate and decay with the network. Without it they are not trained.
  if (!network_->heads.empty() && config_.affinity_weight > 0)
    all.parameters.emplace_back("affinity.centers", affinity_->centers);
  return {one_stage({batch::view_of(recipe, facts_.input)}, {all},
                    [this](const batch::Batch& batch, const method::StepContext&) { return losses(batch); })};
}

method::Prediction Dan::answer(const at::Tensor& images) {
  const DanOutput out = network_->forward(images);
  method::Prediction prediction{out.logits, {}, {}};
  if (out.maps.defined()) prediction.maps.emplace_back("head_maps", out.maps);
  return prediction;
}

method::Deploy Dan::deploy(const method::DeployOptions& options) {
  method::refuse_reconstruction(kInfo.name, options);
  return method::deploy_of(facts_.input, network_.ptr(), [network = network_](const at::Tensor& images) mutable {
    return deploy_outputs(*network, network->forward(images));
  });
}

}  // namespace

std::unique_ptr<method::MethodConfig> make_config() { return method::config_of<Dan, DanConfig>(kInfo, golden); }

}  // namespace mien::methods::dan
