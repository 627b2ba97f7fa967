// SPDX-License-Identifier: Apache-2.0
#include "mien/method/imagenet.h"
#include "mien/method/method_of.h"
#include "mien/methods/dnfer/selection_watch.h"
#include "mien/methods/dnfer/views.h"

namespace mien::methods::dnfer {
namespace {

const method::MethodInfo kInfo{"dnfer",
                               "DNFER: dynamic thresholds for noisy labels",
                               "Gera, Badveeti, Raj Kumar, Balasubramanian: Dynamic Adaptive Threshold based Learning "
                               "for Noisy Annotations Robust Facial Expression "
                               "Recognition. arXiv 2208.10221 (2022); Multimedia Tools and Applications (2023)",
                               "none published (the authors' code has no licence)",
                               {"main"}};

class Dnfer final : public method::MethodOf<DnferConfig, DnferNet> {
 public:
  Dnfer(const DnferConfig& config, const method::DataFacts& facts)
      : MethodOf(kInfo, config, facts), watch_(num_classes(), config.two_views()) {}

  nn::NamedTensors extra_state() override { return watch_.state(); }
  std::vector<method::Stage> stages() override;
  method::Deploy deploy(const method::DeployOptions& options) override;
  method::ImportRules import_rules() const override;

 private:
  void draw() override {
    dnfer::initialise(network_);
    watch_.clear();
    load_backbone(*network_->features);
  }
  method::Prediction answer(const at::Tensor& images) override { return {network_->forward(images).logits, {}, {}}; }
  Selection watched_selection(std::int64_t view, const at::Tensor& logits, const batch::Batch& batch);
  method::Losses losses(const batch::Batch& batch, const method::StepContext& context);

  SelectionWatch watch_;  ///< of the running epoch
};

Selection Dnfer::watched_selection(std::int64_t view, const at::Tensor& logits, const batch::Batch& batch) {
  const torch::NoGradGuard no_grad;
  const at::Tensor p = probabilities(logits);
  watch_.add_probabilities(view, p);
  const Selection selection =
      select(config_, p, batch.labels,
             config_.threshold_scope == ThresholdScope::epoch ? watch_.running_thresholds(view) : batch_thresholds(p));
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
  const auto is_classifier = [](const std::string& key) { return key.starts_with("classifier."); };
  const auto is_trunk = [&](const std::string& key) { return !is_classifier(key); };
  method::ParameterGroup classifier = group("classifier", is_classifier);
  classifier.rate_factor = config_.classifier_rate_factor;
  method::Stage stage = one_stage(
      make_views(config_, facts_.input), {group("trunk", is_trunk), classifier},
      [this](const batch::Batch& batch, const method::StepContext& context) { return losses(batch, context); });
  stage.needs.drop_last = true;
  stage.hooks.epoch_end = [this](method::HookContext& context) {
    context.record = watch_.record(facts_.classes);
    watch_.clear();
  };
  return {stage};
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
/// are left out. Some files have eight outputs for every data set (trap 2): the classifier gives the number of
/// classes.
method::ImportRules Dnfer::import_rules() const {
  method::ImportRules rules;
  rules.containers = {"model", "state_dict", "model_state_dict"};
  for (const char* part : {"conv1.", "bn1.", "layer1.", "layer2.", "layer3.", "layer4.", "classifier."})
    rules.keys.prefixes.emplace_back(part, part);
  rules.classifier = "classifier.weight";
  rules.orders = {"affectnet"};
  rules.config = method::imagenet_settings();
  return rules;
}

}  // namespace

std::unique_ptr<method::MethodConfig> make_config() { return method::config_of<Dnfer, DnferConfig>(kInfo, golden); }

}  // namespace mien::methods::dnfer
