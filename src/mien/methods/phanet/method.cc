// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "mien/batch/affine.h"
#include "mien/batch/color_jitter.h"
#include "mien/batch/recipes.h"
#include "mien/batch/window.h"
#include "mien/method/imagenet.h"
#include "mien/method/method_of.h"
#include "mien/methods/phanet/deploy_outputs.h"
#include "mien/methods/phanet/loss.h"
#include "mien/methods/phanet/pose_watch.h"
#include "mien/nn/float32.h"
#include "mien/nn/scaling.h"

namespace mien::methods::phanet {
namespace {

const method::MethodInfo kInfo{"phanet",
                               "PhaNet (reconstruction): Pose-adaptive Hierarchical Attention Network",
                               "Liu, Peng, Zeng, Shan, Chen: Pose-adaptive Hierarchical Attention Network for Facial "
                               "Expression Recognition. arXiv 1905.10059 (2019). No code was published; the network "
                               "is mien's own reconstruction from the abstract",
                               "none published",
                               {"main"}};

/// Files of DenseNet-121 from before 2019 have dots within the names of layers (card section 2).
std::vector<std::pair<std::string, std::string>> old_names() {
  return {{".norm.1.", ".norm1."}, {".norm.2.", ".norm2."}, {".conv.1.", ".conv1."}, {".conv.2.", ".conv2."}};
}

const PhanetConfig& checked(const PhanetConfig& config) {
  check(config);
  return config;
}

/// Card section 4: a window of 7/8 of the side at a random position, flip, colour jitter.
at::Tensor card_recipe(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g, batch::Moves* moves) {
  face::InputSpec larger = input;
  larger.width = input.width * 8 / 7;
  larger.height = input.height * 8 / 7;
  at::Tensor images = nn::resize_to_input(pixels, larger).to(at::kFloat).round();
  images = batch::random_window(images, input.height, input.width, g, moves);
  images = batch::mirror(images, 0.5, g, moves);
  constexpr batch::JitterRanges kJitter{0.2, 0.2, 0.2, 0.02};
  return nn::normalise(batch::color_jitter(images, kJitter, g), input);
}

class Phanet final : public method::MethodOf<PhanetConfig, PhanetNet> {
 public:
  Phanet(const PhanetConfig& config, const method::DataFacts& facts)
      : MethodOf(kInfo, checked(config), facts), selects_(at::zeros({}, at::kLong)) {}

  nn::NamedTensors extra_state() override { return {{"selection.has_begun", selects_}}; }
  std::vector<method::Stage> stages() override;
  method::Deploy deploy(const method::DeployOptions& options) override;
  method::ImportRules import_rules() const override;

 private:
  void draw() override {
    phanet::initialise(network_);
    selects_.fill_(config_.soft_share == 0 ? 1 : 0);
    if (!config_.backbone.empty()) method::load_backbone(*network_->backbone, config_.backbone, backbone_names());
  }
  method::Prediction answer(const at::Tensor& images) override;
  /// A torchvision DenseNet-121, or the backbone of another run.
  static nn::RenameRules backbone_names() {
    return {{{"features.", "features."}, {"backbone.features.", "features."}}, old_names()};
  }
  /// The configured selection, soft until it starts: otherwise a scale dropped by every face could never return.
  Selection selection() const {
    const bool waits = config_.select == Selection::top && selects_.item<std::int64_t>() == 0;
    return waits ? Selection::soft : config_.select;
  }
  at::Tensor pose_classes(const batch::Batch& batch) const;
  std::vector<method::ParameterGroup> groups() const;
  method::Losses losses(const batch::Batch& batch);
  Json watch_poses(const method::BatchPass& pass);

  at::Tensor selects_;  ///< 1 after the soft epochs
};

/// Yaw → class by the configured edges; -1 if it is not known.
at::Tensor Phanet::pose_classes(const batch::Batch& batch) const {
  if (!batch.pose.defined()) return {};
  const at::Tensor edges = torch::tensor(config_.pose_edges, at::kFloat).to(batch.pose.device());
  // An angle on an edge belongs to the class nearer to the middle.
  const at::Tensor yaw = batch.pose.select(1, 0).contiguous();
  const at::Tensor classes = at::where(yaw > 0, at::bucketize(yaw, edges, /*out_int32=*/false, /*right=*/false),
                                       at::bucketize(yaw, edges, /*out_int32=*/false, /*right=*/true));
  return at::where(batch.pose_known.select(1, 0), classes, at::full_like(classes, kUnknownPose));
}

method::Losses Phanet::losses(const batch::Batch& batch) {
  const PhanetOutput out = network_->forward(batch.images(), selection());
  const nn::Float32 full(batch.images().device().type());
  const PhanetLosses plain = compute_losses(config_, out, batch.labels, pose_classes(batch));
  const WeightedLosses weighted = weigh(*network_, out, plain);
  method::Losses terms{{"expression", weighted.expression, 1}};
  if (weighted.pose.defined()) terms.push_back({"pose", weighted.pose, 1});
  if (weighted.attention.defined()) terms.push_back({"attention", weighted.attention, 1});
  // Logged only: the losses themselves and how they are weighted.
  terms.push_back({"expression_loss", plain.expression.detach(), 0});
  if (plain.pose.defined()) terms.push_back({"pose_loss", plain.pose.detach(), 0});
  for (std::size_t i = 0; plain.by_scale.defined() && i < config_.scales.size(); ++i)
    terms.push_back({fmt::format("attention_loss_{}", static_cast<int>(config_.scales[i])),
                     plain.by_scale[static_cast<std::int64_t>(i)].detach(), 0});
  for (std::int64_t i = 0; i < weighted.weights.size(0); ++i)
    terms.push_back({fmt::format("loss_weight_{}", i), weighted.weights[i].detach(), 0});
  return terms;
}

/// For the epoch's record: the pose head and the choice of scales on the validation part.
Json Phanet::watch_poses(const method::BatchPass& pass) {
  const torch::NoGradGuard no_grad;
  network_->eval();
  PoseWatch watch(config_.num_poses());
  pass([&](const batch::Batch& batch) {
    const at::Tensor poses = pose_classes(batch);
    if (!poses.defined()) return false;
    const PhanetOutput out = network_->forward(batch.images(), selection());
    watch.add(out.pose, poses, out.scale_weights);
    return true;
  });
  return watch.record();
}

std::vector<method::ParameterGroup> Phanet::groups() const {
  const auto is_backbone = [](const std::string& key) { return key.starts_with("backbone."); };
  const auto is_weight = [](const std::string& key) { return key.starts_with("loss_"); };
  method::ParameterGroup backbone = group("backbone", is_backbone), weights = group("loss_weights", is_weight);
  backbone.rate_factor = config_.backbone_rate_factor;
  weights.rate_factor = config_.weights_rate_factor;
  weights.decay_factor = 0;
  std::vector<method::ParameterGroup> all{
      backbone, group("new_layers", [=](const std::string& key) { return !is_backbone(key) && !is_weight(key); })};
  if (!weights.parameters.empty()) all.push_back(weights);
  return all;
}

std::vector<method::Stage> Phanet::stages() {
  constexpr batch::Recipe recipes[] = {card_recipe, batch::ferplus, batch::plain};
  method::Stage stage =
      one_stage({batch::view_of(recipes[static_cast<std::size_t>(config_.augment)], facts_.input)}, groups(),
                [this](const batch::Batch& batch, const method::StepContext&) { return losses(batch); });
  stage.needs.pose = config_.pose;
  stage.hooks.epoch_begin = [this](method::HookContext& context) {
    const double soft_epochs = config_.soft_share * context.step.num_epochs;
    selects_.fill_(context.step.epoch >= soft_epochs ? 1 : 0);
  };
  if (config_.pose)
    stage.hooks.epoch_end = [this](method::HookContext& context) {
      if (context.for_each_validation_batch) context.record.update(watch_poses(context.for_each_validation_batch));
    };
  if (network_->loss_log_vars.defined())
    stage.hooks.after_step = [this](const batch::Batch&, const method::StepContext&) {
      project(network_->loss_log_vars);
    };
  return {stage};
}

method::Prediction Phanet::answer(const at::Tensor& images) {
  const PhanetOutput out = network_->forward(images, selection());
  method::Prediction prediction{out.logits, {}, {}, {{"scale_weights", out.scale_weights}}};
  if (out.pose.defined()) prediction.values.emplace_back("pose", at::softmax(out.pose, 1));
  return prediction;
}

method::Deploy Phanet::deploy(const method::DeployOptions& options) {
  method::refuse_reconstruction(kInfo.name, options);
  const auto outputs = [network = network_, chosen = selection()](const at::Tensor& images) mutable {
    return deploy_outputs(*network, network->forward(images, chosen), images.size(3));
  };
  return method::deploy_of(facts_.input, network_.ptr(), outputs);
}

/// A torchvision DenseNet-121 provides the backbone; files from before 2019 write "norm.1" and "conv.2".
method::ImportRules Phanet::import_rules() const {
  method::ImportRules rules;
  rules.containers = {"state_dict", "model_state_dict"};
  rules.keys.prefixes = {{"features.", "backbone.features."}};
  rules.keys.infixes = old_names();
  for (const char* ours : {"backbone.", "scales.", "pose.", "select_", "expression.", "loss_", "selection."})
    rules.keys.prefixes.emplace_back(ours, ours);
  rules.classifier = "expression.weight";
  rules.config = method::imagenet_settings();
  return rules;
}

}  // namespace

std::unique_ptr<method::MethodConfig> make_config() { return method::config_of<Phanet, PhanetConfig>(kInfo, golden); }

}  // namespace mien::methods::phanet
