// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/method.h"

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/method/import.h"
#include "mien/method/method_parts.h"
#include "mien/methods/dan/class_maps.h"
#include "mien/methods/dan/golden.h"
#include "mien/methods/dan/loss.h"
#include "mien/methods/dan/network.h"
#include "mien/methods/dan/views.h"
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

class Dan final : public method::Method {
 public:
  Dan(const DanConfig& config, const method::DataFacts& facts)
      : config_(config),
        facts_(facts),
        network_(config, static_cast<std::int64_t>(facts.classes.size()), facts.input.channels),
        affinity_(num_centers(), network_->feature_channels(), config.affinity_kind == "center") {}

  const method::MethodInfo& info() const override { return kInfo; }
  const method::DataFacts& facts() const override { return facts_; }
  torch::nn::Module& network() override { return *network_; }
  nn::NamedTensors extra_state() override { return {{"affinity.centers", affinity_->centers}}; }

  void initialise(std::uint64_t seed) override {
    torch::manual_seed(seed);
    dan::initialise(network_);
    {
      const torch::NoGradGuard no_grad;
      affinity_->centers.normal_();  // again: construction drew before the seed was set
    }
    if (!config_.backbone.empty()) method::load_backbone(*network_->features, config_.backbone, nn::backbone_names());
  }

  std::vector<method::Stage> stages() override;
  method::Prediction predict(const at::Tensor& images) override;
  method::Deploy deploy(const method::DeployOptions& options) override;
  method::ImportRules import_rules() const override;
  method::GoldenRun run_golden(const nn::TensorFile& golden) override {
    return dan::run_golden(network_, affinity_, golden);
  }

 private:
  std::int64_t num_centers() const {
    const auto classes = static_cast<std::int64_t>(facts_.classes.size());
    if (config_.affinity_centers == 0) return classes;
    if (config_.affinity_centers < classes)
      fail_usage(text("loss.affinity.centers = ", config_.affinity_centers, " is below the ", classes, " classes."),
                 "Use 0 for one centre per class.");
    return config_.affinity_centers;
  }
  method::Losses losses(const batch::Batch& batch);

  DanConfig config_;
  method::DataFacts facts_;
  DanNet network_;
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
  rules.config = {"input.size=224", "input.mean=[0.485, 0.456, 0.406]", "input.std=[0.229, 0.224, 0.225]"};
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
  // What the two losses move, logged only: the shape of the paper's claim is read off these.
  const torch::NoGradGuard no_grad;
  terms.push_back({"head_variance", head_variance(out.heads), 0});
  terms.push_back({"class_scatter", class_scatter(out.features, batch.labels), 0});
  return terms;
}

std::vector<method::Stage> Dan::stages() {
  method::Stage stage;
  stage.needs.views = {make_view(config_.augment, facts_.input)};
  stage.needs.sampler = config_.sampler;
  method::ParameterGroup group{"all", {}};
  for (const auto& p : network_->named_parameters()) group.parameters.emplace_back(p.key(), p.value());
  // One group, as in the reference: the centres share rate and decay with the network. Without the loss they rest.
  if (!network_->heads.empty() && config_.affinity_weight > 0)
    group.parameters.emplace_back("affinity.centers", affinity_->centers);
  stage.players.push_back({"network", {group}, config_.optimiser, /*ema=*/true});
  stage.turns.push_back(
      {0, 1, [this](const batch::Batch& batch, const method::StepContext&) { return losses(batch); }});
  return {stage};
}

method::Prediction Dan::predict(const at::Tensor& images) {
  const torch::NoGradGuard no_grad;
  network_->eval();
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

std::unique_ptr<method::MethodConfig> make_dan_config() {
  return std::make_unique<method::ConfigOf<Dan, DanConfig>>(kInfo, golden_config);
}

}  // namespace mien::methods::dan
