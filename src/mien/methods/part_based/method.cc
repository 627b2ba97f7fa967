// SPDX-License-Identifier: Apache-2.0
// The part-based ensemble as a method: for each part a stage on landmarks, then for each part a stage on expressions,
// and for the rule `stack` one on the ensemble.
#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/method/method_of.h"
#include "mien/methods/part_based/deploy_outputs.h"
#include "mien/methods/part_based/expression_training.h"
#include "mien/methods/part_based/landmark_training.h"
#include "mien/methods/part_based/views.h"
#include "mien/nn/cross_entropy.h"

namespace mien::methods::part_based {
namespace {

const method::MethodInfo kInfo{
    "part-based",
    "Part-based ensemble: landmark-aware transfer learning",
    "Wadhawan, Gandhi: Landmark-Aware and Part-based Ensemble Transfer Learning Network for Static Facial Expression "
    "Recognition from Images. IEEE Transactions on Artificial Intelligence 4(2), 349-361 (2023); arXiv 2104.11274",
    "none published (the authors' notebook: CC BY-NC-SA 4.0)",
    {"landmarks-PART for each part", "expression-PART for each part", "stack"}};

class PartBased final : public method::MethodOf<PartBasedConfig, PartBasedNet> {
 public:
  PartBased(const PartBasedConfig& config, const method::DataFacts& facts)
      : MethodOf(kInfo, config, facts,
                 PartBasedNet(
                     network_options(config, static_cast<std::int64_t>(facts.classes.size()), facts.input.channels))) {
    for (std::size_t i = 0; i < network_->parts.size(); ++i) {
      landmarks_.emplace_back(network_->parts[i], network_->networks[i]);
      expressions_.emplace_back(config_, i, network_);
    }
  }

  nn::NamedTensors extra_state() override;
  std::vector<method::Stage> stages() override;
  method::Deploy deploy(const method::DeployOptions& options) override;

 private:
  void draw() override;
  method::Prediction answer(const at::Tensor& images) override;

  std::string name(std::size_t part) const { return name_of(network_->parts[part]); }
  method::Stage bare_stage(const std::string& stage_name, const StageLength& length,
                           const std::vector<std::string>& prefixes) const;
  method::Stage landmark_stage(std::size_t part);
  method::Stage expression_stage(std::size_t part);
  method::Stage stack_stage();
  void demand_landmarks(std::size_t part, method::HookContext& context);
  method::Losses stack_losses(const batch::Batch& batch);

  std::vector<LandmarkTraining> landmarks_;
  std::vector<ExpressionTraining> expressions_;
};

nn::NamedTensors PartBased::extra_state() {
  nn::NamedTensors out;
  for (std::size_t i = 0; i < network_->parts.size(); ++i) {
    out.emplace_back(name(i) + ".standard.mean", network_->standards[i].mean);
    out.emplace_back(name(i) + ".standard.deviation", network_->standards[i].deviation);
  }
  return out;
}

void PartBased::draw() {
  part_based::initialise(network_);
  if (config_.backbone.empty()) return;
  for (std::size_t i = 0; i < network_->parts.size(); ++i)
    method::load_backbone(*network_->networks[i]->features, config_.backbone,
                          nn::RenameRules{{{name(i) + ".features.", ""}}});
}

method::Prediction PartBased::answer(const at::Tensor& images) {
  return {clamped_log(network_->fuse(network_->part_logits(images))), {}};
}

method::Deploy PartBased::deploy(const method::DeployOptions& options) {
  method::refuse_reconstruction(kInfo.name, options);
  return method::deploy_of(
      facts_.input, network_.ptr(),
      [network = network_](const at::Tensor& images) mutable { return deploy_outputs(*network, images); },
      extra_state());
}

method::Stage PartBased::bare_stage(const std::string& stage_name, const StageLength& length,
                                    const std::vector<std::string>& prefixes) const {
  const auto is_trained = [&](const std::string& key) {
    for (const std::string& prefix : prefixes)
      if (key.starts_with(prefix)) return true;
    return false;
  };
  method::Stage stage;
  stage.name = stage_name;
  stage.epochs = length.epochs;
  stage.patience = length.patience;
  stage.hand_over = method::HandOver::best;
  stage.needs.steps_per_epoch = length.steps;
  stage.needs.sampler = config_.sampler;
  stage.players.push_back({"network", {group("trained", is_trained)}, config_.optimiser});
  return stage;
}

method::Stage PartBased::landmark_stage(std::size_t part) {
  const std::string prefix = name(part) + ".";
  method::Stage stage =
      bare_stage("landmarks-" + name(part), config_.landmarks, {prefix + "features.", prefix + "landmarks."});
  LandmarkTraining& training = landmarks_[part];
  stage.needs.views = {make_view(config_.augment, facts_.input)};
  stage.needs.landmarks = true;
  stage.turns.push_back(
      {0, 1, [&training](const batch::Batch& batch, const method::StepContext&) { return training.losses(batch); }});
  stage.hooks.stage_begin = [&training](method::HookContext& context) { training.begin(context); };
  stage.score = [&training](const method::BatchPass& pass) { return training.judge(pass); };
  return stage;
}

/// Trap 8: a body that has learned only the mean shape is useless.
void PartBased::demand_landmarks(std::size_t part, method::HookContext& context) {
  const torch::NoGradGuard no_grad;
  network_->eval();
  landmarks_[part].begin(context);
  const double skill = landmarks_[part].judge(context.for_each_validation_batch).front().second;
  if (skill >= config_.demand) return;
  throw Error(ErrorKind::failed,
              fmt::format("The network of the {} beats the best constant landmarks by {:.1f} %; landmarks.demand = "
                          "{:g} requires {:.1f} %.",
                          name(part), 100 * skill, config_.demand, 100 * config_.demand),
              "Train stage 1 longer or at another rate, or continue anyway with --set landmarks.demand=0.");
}

method::Stage PartBased::expression_stage(std::size_t part) {
  const std::string prefix = name(part) + ".";
  std::vector<std::string> trained{prefix + "expression."};
  if (!config_.freeze_features) trained.push_back(prefix + "features.");
  method::Stage stage = bare_stage("expression-" + name(part), config_.expression, trained);
  ExpressionTraining& training = expressions_[part];
  if (!training.is_cached()) stage.needs.views = {make_view(config_.augment, facts_.input)};
  if (config_.freeze_features) {
    stage.frozen = {prefix + "features."};
    stage.inference_norms = {{prefix + "features.", 0}};
  }
  const bool is_demanding = config_.trains_landmarks() && config_.demand > 0;
  stage.needs.landmarks = is_demanding;
  stage.turns.push_back(
      {0, 1, [&training](const batch::Batch& batch, const method::StepContext&) { return training.losses(batch); }});
  stage.hooks.stage_begin = [this, part, is_demanding, &training](method::HookContext& context) {
    if (is_demanding && !context.is_resumed) demand_landmarks(part, context);
    training.begin(context);
  };
  stage.validate = [&training](const batch::Batch& batch) { return training.validate(batch); };
  return stage;
}

method::Losses PartBased::stack_losses(const batch::Batch& batch) {
  std::vector<at::Tensor> logits;
  for (std::size_t i = 0; i < expressions_.size(); ++i)
    logits.push_back(network_->expression(i, expressions_[i].cached_features(batch)).detach());
  const at::Tensor target = nn::blend_target(batch.distribution, batch.labels, 0);
  return {{"cross_entropy", nn::cross_entropy(network_->stack_logits(at::stack(logits, 1)), target)}};
}

/// Card 2.4: the layer on the parts' probabilities, on features that are computed once.
method::Stage PartBased::stack_stage() {
  method::Stage stage = bare_stage("stack", config_.expression, {"stack."});
  for (std::size_t i = 0; i < network_->parts.size(); ++i) {
    stage.frozen.push_back(name(i) + ".");
    stage.inference_norms.push_back({name(i) + ".", 0});
  }
  stage.turns.push_back(
      {0, 1, [this](const batch::Batch& batch, const method::StepContext&) { return stack_losses(batch); }});
  stage.hooks.stage_begin = [this](method::HookContext& context) {
    for (ExpressionTraining& training : expressions_) training.fill_cache(context);
  };
  stage.validate = [this](const batch::Batch& batch) { return stack_losses(batch); };
  return stage;
}

std::vector<method::Stage> PartBased::stages() {
  std::vector<method::Stage> all;
  if (config_.trains_landmarks())
    for (std::size_t i = 0; i < network_->parts.size(); ++i) all.push_back(landmark_stage(i));
  for (std::size_t i = 0; i < network_->parts.size(); ++i) all.push_back(expression_stage(i));
  if (network_->rule == EnsembleRule::stack) all.push_back(stack_stage());
  return all;
}

}  // namespace

std::unique_ptr<method::MethodConfig> make_config() {
  return method::config_of<PartBased, PartBasedConfig>(kInfo, golden);
}

}  // namespace mien::methods::part_based
