// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/batch/affine.h"
#include "mien/batch/photometric.h"
#include "mien/batch/rand_augment.h"
#include "mien/batch/recipes.h"
#include "mien/method/imagenet.h"
#include "mien/method/method_of.h"
#include "mien/methods/ada_df/class_distribution.h"
#include "mien/methods/ada_df/crops.h"
#include "mien/methods/ada_df/deploy_outputs.h"
#include "mien/methods/ada_df/loss.h"
#include "mien/nn/cross_entropy.h"
#include "mien/nn/scaling.h"

namespace mien::methods::ada_df {
namespace {

const method::MethodInfo kInfo{
    "ada-df",
    "Ada-DF: Adaptive Label Distribution Fusion",
    "Liu, Xu, Wan, Kui: A Dual-Branch Adaptive Distribution Fusion Framework for Real-World Facial Expression "
    "Recognition. ICASSP 2023; "
    "Ada-DF: An Adaptive Label Distribution Fusion Network for Facial Expression Recognition. arXiv 2404.15714 (2024)",
    "none published (the authors' code has no licence)",
    {"main"}};

const AdaDfConfig& checked(const AdaDfConfig& config) {
  check(config);
  return config;
}

/// RandAugment with `operations` of the magnitude ± 0.5, flip 0.5, erasing after normalisation.
at::Tensor rand_augmented(const at::Tensor& images, int operations, double magnitude, const face::InputSpec& input,
                          at::Generator& g) {
  const at::Tensor changed =
      batch::rand_augment(images, {.operations = operations, .magnitude = magnitude, .spread = 0.5}, g);
  return batch::random_erasing(nn::normalise(batch::mirror(changed, 0.5, g), input), {}, g);
}

/// Whole pictures, or ten crops of each with its targets repeated, then the augmentation.
method::View make_view(Augment augment, bool ten_crop, const face::InputSpec& input) {
  if (augment == Augment::ferplus) return batch::view_of(batch::ferplus, input);
  if (augment == Augment::none && !ten_crop) return batch::view_of(batch::plain, input);
  return [=](const at::Tensor& pixels, batch::Batch& targets, at::Generator& g) {
    at::Tensor images = nn::resize_to_input(pixels, input).to(at::kFloat).round();
    if (ten_crop) {
      images = ten_crops(images);
      repeat_targets(targets);
    }
    if (augment == Augment::none) return nn::normalise(images, input);
    return augment == Augment::raf_db ? rand_augmented(images, 3, 5, input, g) : rand_augmented(images, 5, 3, input, g);
  };
}

class AdaDf final : public method::MethodOf<AdaDfConfig, AdaDfNet> {
 public:
  AdaDf(const AdaDfConfig& config, const method::DataFacts& facts)
      : MethodOf(kInfo, checked(config), facts), table_(start_table()), sums_(num_classes()) {}

  nn::NamedTensors extra_state() override;
  std::vector<method::Stage> stages() override;
  method::Deploy deploy(const method::DeployOptions& options) override;
  method::ImportRules import_rules() const override;

 private:
  at::Tensor start_table() const { return threshold_table(num_classes(), config_.threshold, 1 - config_.threshold); }
  bool renews_table() const { return config_.dual() && config_.distribution_update == DistributionUpdate::epoch; }
  bool collects_in_training() const {
    return renews_table() && config_.distribution_source == DistributionSource::train_running;
  }
  std::int64_t rows_per_picture() const { return config_.ten_crop ? kCrops : 1; }
  void draw() override;
  method::Prediction answer(const at::Tensor& images) override;
  void refuse_frozen_noise() const;
  method::Losses losses(const batch::Batch& batch, const method::StepContext& context);
  static void watch_noise(const batch::Batch& batch, const at::Tensor& weights, method::Losses& terms);
  void renew_table(method::HookContext& context);

  at::Tensor table_;       ///< class distributions D (K,K)
  ClassSums sums_;         ///< of the running epoch
  at::Tensor drawn_stem_;  ///< first convolution as initialised; undefined with a backbone
};

nn::NamedTensors AdaDf::extra_state() {
  nn::NamedTensors out{{"class_distributions", table_}};
  if (collects_in_training()) {
    out.emplace_back("class_sums", sums_.sums);
    out.emplace_back("class_counts", sums_.counts);
  }
  return out;
}

void AdaDf::draw() {
  ada_df::initialise(network_);
  table_.copy_(start_table());
  sums_.clear();
  if (config_.backbone.empty()) drawn_stem_ = network_->feature->parameters().front().detach().clone();
  if (network_->dual()) load_backbone(*network_->backbone_of(1));
  load_backbone(*network_->backbone_of(2));
}

void AdaDf::refuse_frozen_noise() const {
  if (config_.freeze_stem && drawn_stem_.defined() &&
      network_->feature->parameters().front().detach().cpu().equal(drawn_stem_))
    fail_usage("model.freeze_stem is on, but the stem has random weights and would keep them.",
               "Set init.backbone or --init, or switch model.freeze_stem off.");
}

method::Losses AdaDf::losses(const batch::Batch& batch, const method::StepContext& context) {
  if (!network_->dual()) {
    const at::Tensor hard = at::one_hot(batch.labels, num_classes()).to(at::kFloat);
    return {{"cross_entropy", nn::cross_entropy(network_->forward_target(batch.images()).logits, hard), 1}};
  }
  const AdaDfOutput out = network_->forward(batch.images());
  const AdaDfLosses l = compute_losses(config_, out, batch.labels, table_, batch.size() / rows_per_picture());
  if (collects_in_training()) sums_.add(at::softmax(out.auxiliary.logits, 1), batch.labels);
  const auto fixed = config_.fixed_ramp();
  const Ramps ramp = fixed ? Ramps{*fixed, 1 - *fixed} : ramps(context.epoch + 1, config_.beta);
  method::Losses terms{{"cross_entropy", l.cross_entropy, ramp.cross_entropy},
                       {"kl", l.kl, ramp.kl},
                       {"rank", l.rank, 1},
                       {"attention", out.attention.mean(), 0}};
  if (batch.true_labels.defined()) watch_noise(batch, l.weights, terms);
  return terms;
}

/// Monitors under artificial noise: the mean weight of right and of wrong labels (card section 9, claim
/// 4).
void AdaDf::watch_noise(const batch::Batch& batch, const at::Tensor& weights, method::Losses& terms) {
  const at::Tensor w = weights.detach().flatten(), wrong = batch.true_labels != batch.labels;
  for (const auto& [name, chosen] : {std::pair{"weight_right", ~wrong}, std::pair{"weight_wrong", wrong}})
    if (chosen.any().item<bool>()) terms.push_back({name, w.masked_select(chosen).mean(), 0});
}

/// Card section 3: the auxiliary branch in inference mode over the training pictures, then one row per class.
void AdaDf::renew_table(method::HookContext& context) {
  const torch::NoGradGuard no_grad;
  if (config_.distribution_source != DistributionSource::train_running) {
    sums_.clear();
    network_->eval();
    const bool is_augmented = config_.distribution_source == DistributionSource::eval_augmented;
    context.for_each_batch(is_augmented, [&](batch::Batch batch) {
      if (config_.ten_crop && !is_augmented) {  // the augmented pass already has the view's crops
        batch.views = {ten_crops(batch.images())};
        repeat_targets(batch);
      }
      sums_.add(at::softmax(network_->forward_auxiliary(batch.images()).logits, 1), batch.labels);
      return true;
    });
  }
  at::Tensor table = class_distributions(sums_, config_.threshold, config_.reference_quirks);
  if (config_.sharpen) table = sharpened(table, config_.reference_quirks);
  table_.copy_(table);
  sums_.clear();
  Json rows = Json::array();
  for (std::int64_t i = 0; i < num_classes(); ++i) {
    Json row = Json::array();
    for (std::int64_t j = 0; j < num_classes(); ++j) row.push_back(table[i][j].item<float>());
    rows.push_back(row);
  }
  context.record["class_distributions"] = rows;
}

std::vector<method::Stage> AdaDf::stages() {
  const auto is_trained = [this](const std::string& key) {
    return !config_.freeze_stem || !key.starts_with("feature.");
  };
  method::Stage stage = one_stage(
      {make_view(config_.augment, config_.ten_crop, facts_.input)}, {group("all", is_trained)},
      [this](const batch::Batch& batch, const method::StepContext& context) { return losses(batch, context); });
  stage.needs.drop_last = true;
  if (config_.freeze_stem) stage.frozen = {"feature."};
  stage.hooks.stage_begin = [this](method::HookContext&) { refuse_frozen_noise(); };
  if (renews_table()) stage.hooks.epoch_end = [this](method::HookContext& context) { renew_table(context); };
  return {stage};
}

method::Prediction AdaDf::answer(const at::Tensor& images) {
  const BranchOutput out = network_->forward_target(config_.ten_crop ? ten_crops(images) : images);
  if (config_.ten_crop) return {mean_of_crops(out.logits), {}, {}, {{"clarity", mean_of_crops(out.attention)}}};
  return {out.logits, {}, {}, {{"clarity", out.attention}}};
}

method::Deploy AdaDf::deploy(const method::DeployOptions& options) {
  method::refuse_reconstruction(kInfo.name, options);
  const bool ten = config_.ten_crop;
  return method::deploy_of(facts_.input, network_.ptr(), [network = network_, ten](const at::Tensor& images) mutable {
    if (ten) return ten_crop_outputs(network->forward_target(ten_crops(images)));
    return deploy_outputs(*network, network->forward_target(images));
  });
}

method::ImportRules AdaDf::import_rules() const {
  method::ImportRules rules;
  rules.containers = {"state_dict", "model_state_dict", "model"};
  for (const char* k : {"1", "2"}) {  // the reference registers each branch a second time in parts
    rules.twins.emplace_back(fmt::format("branch_{}_feature.", k), fmt::format("branch_{}.", k));
    rules.twins.emplace_back(fmt::format("branch_{}_classifier.", k), fmt::format("branch_{}.4.", k));
  }
  // No weights are published; files written by the reference program use its data sets' class numbers.
  rules.classifier = "branch_2.4.weight";
  rules.orders = {"raf", "affectnet"};
  rules.config = method::imagenet_settings();
  return rules;
}

}  // namespace

std::unique_ptr<method::MethodConfig> make_config() { return method::config_of<AdaDf, AdaDfConfig>(kInfo, golden); }

}  // namespace mien::methods::ada_df
