// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dnfer/method.h"

#include "mien/method/import.h"
#include "mien/method/method_parts.h"
#include "mien/methods/dnfer/golden.h"
#include "mien/methods/dnfer/selection_watch.h"
#include "mien/methods/dnfer/views.h"

namespace mien::methods::dnfer {
namespace {

const method::MethodInfo kInfo{"dnfer",
                               "DNFER: dynamic thresholds for noisy labels",
                               "Gera, Badveeti, Raj Kumar, Balasubramanian: Dynamic Adaptive Threshold based Learning "
                               "for Noisy Annotations Robust Facial Expression "
                               "Recognition. arXiv 2208.10221 (2022); Multimedia Tools and Applications (2023)",
                               "none are published (the authors' code has no licence)",
                               {"main"}};

class Dnfer final : public method::Method {
 public:
  Dnfer(const DnferConfig& config, const method::DataFacts& facts)
      : config_(config),
        facts_(facts),
        network_(config, num_classes(), facts.input.channels),
        watch_(num_classes(), config.two_views()) {}

  const method::MethodInfo& info() const override { return kInfo; }
  const method::DataFacts& facts() const override { return facts_; }
  torch::nn::Module& network() override { return *network_; }
  nn::NamedTensors extra_state() override { return watch_.state(); }
  void initialise(std::uint64_t seed) override;
  std::vector<method::Stage> stages() override;
  method::Prediction predict(const at::Tensor& images) override;
  method::Deploy deploy(const method::DeployOptions& options) override;
  method::ImportRules import_rules() const override;
  method::GoldenRun run_golden(const nn::TensorFile& golden) override {
    return dnfer::run_golden(network_, config_, golden);
  }

 private:
  std::int64_t num_classes() const { return static_cast<std::int64_t>(facts_.classes.size()); }
  Selection watched_selection(std::int64_t view, const at::Tensor& logits, const batch::Batch& batch);
  method::Losses losses(const batch::Batch& batch, const method::StepContext& context);

  DnferConfig config_;
  method::DataFacts facts_;
  DnferNet network_;
  SelectionWatch watch_;  ///< of the running epoch
};

void Dnfer::initialise(std::uint64_t seed) {
  torch::manual_seed(seed);
  dnfer::initialise(network_);
  watch_.clear();
  if (!config_.backbone.empty()) method::load_backbone(*network_->features, config_.backbone, nn::backbone_names());
}

Selection Dnfer::watched_selection(std::int64_t view, const at::Tensor& logits, const batch::Batch& batch) {
  const torch::NoGradGuard no_grad;
  const at::Tensor p = probabilities(logits);
  watch_.add_probabilities(view, p);
  const Selection selection =
      select(config_, p, batch.labels,
             config_.threshold_scope == "epoch" ? watch_.running_thresholds(view) : batch_thresholds(p));
  watch_.add(view, selection, batch.labels, batch.true_labels);
  return selection;
}

method::Losses Dnfer::losses(const batch::Batch& batch, const method::StepContext& context) {
  const bool warm = context.epoch < config_.warmup_epochs;
  // Two calls, weak first: each view has its own batch statistics (trap 6).
  const at::Tensor weak = network_->forward(batch.views[0]).logits;
  const at::Tensor strong = config_.two_views() ? network_->forward(batch.views[1]).logits : at::Tensor();
  const Selection of_weak = watched_selection(0, weak, batch);
  const Selection of_strong = strong.defined() ? watched_selection(1, strong, batch) : Selection{};
  const DnferLosses l = compute_losses(config_, weak, strong, batch.labels, of_weak, of_strong, warm);
  const double alpha = config_.consistent() && !warm ? config_.alpha : 0;
  method::Losses terms{{"supervised", l.supervised, 1 - alpha}};
  if (config_.consistent()) terms.push_back({"consistency", l.consistency, alpha});
  terms.push_back({"clean_weak", of_weak.clean.to(at::kFloat).mean(), 0});
  if (strong.defined()) terms.push_back({"clean_strong", of_strong.clean.to(at::kFloat).mean(), 0});
  return terms;
}

std::vector<method::Stage> Dnfer::stages() {
  method::Stage stage;
  stage.needs.views = make_views(config_, facts_.input);
  stage.needs.sampler = config_.sampler;
  stage.needs.drop_last = true;
  method::ParameterGroup trunk{"trunk", {}}, classifier{"classifier", {}, config_.classifier_rate_factor};
  for (const auto& p : network_->named_parameters())
    (p.key().starts_with("classifier.") ? classifier : trunk).parameters.emplace_back(p.key(), p.value());
  stage.players.push_back({"network", {trunk, classifier}, config_.optimiser, /*ema=*/true});
  stage.turns.push_back(
      {0, 1, [this](const batch::Batch& batch, const method::StepContext& context) { return losses(batch, context); }});
  stage.hooks.epoch_end = [this](method::HookContext& context) {
    context.record = watch_.record(facts_.classes);
    watch_.clear();
  };
  return {stage};
}

method::Prediction Dnfer::predict(const at::Tensor& images) {
  const torch::NoGradGuard no_grad;
  network_->eval();
  return {network_->forward(images).logits, {}, {}};
}

method::Deploy Dnfer::deploy(const method::DeployOptions& options) {
  method::refuse_reconstruction(kInfo.name, options);
  return method::deploy_of(facts_.input, network_.ptr(), [network = network_](const at::Tensor& images) mutable {
    const DnferOutput out = network->forward(images);
    return method::linear_classifier_outputs(out.logits, out.features, network->classifier->weight,
                                             nn::kResNetCellStride, nn::kResNetCellFirst);
  });
}

/// Section 2: {"model", "optimizer", " epoch"}, keys with "module."; heads of other tasks (fc, feature) fit none and
/// are left out. Some files have eight outputs whatever the data set (trap 2): the classifier tells the number of
/// classes.
method::ImportRules Dnfer::import_rules() const {
  method::ImportRules rules;
  rules.containers = {"model", "state_dict", "model_state_dict"};
  for (const char* part : {"conv1.", "bn1.", "layer1.", "layer2.", "layer3.", "layer4.", "classifier."})
    rules.keys.prefixes.emplace_back(part, part);
  rules.classifier = "classifier.weight";
  rules.orders = {"affectnet"};
  rules.config = {"input.size=224", "input.mean=[0.485, 0.456, 0.406]", "input.std=[0.229, 0.224, 0.225]"};
  return rules;
}

}  // namespace

std::unique_ptr<method::MethodConfig> make_dnfer_config() {
  return std::make_unique<method::ConfigOf<Dnfer, DnferConfig>>(kInfo,
                                                                [](const nn::TensorFile&) { return DnferConfig(); });
}

}  // namespace mien::methods::dnfer
