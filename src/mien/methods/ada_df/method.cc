// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/method.h"

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/method/import.h"
#include "mien/method/method_parts.h"
#include "mien/methods/ada_df/class_distribution.h"
#include "mien/methods/ada_df/crops.h"
#include "mien/methods/ada_df/deploy_outputs.h"
#include "mien/methods/ada_df/golden.h"
#include "mien/methods/ada_df/loss.h"
#include "mien/methods/ada_df/views.h"
#include "mien/nn/cross_entropy.h"

namespace mien::methods::ada_df {
namespace {

const method::MethodInfo kInfo{
    "ada-df",
    "Ada-DF: Adaptive Label Distribution Fusion",
    "Liu, Xu, Wan, Kui: A Dual-Branch Adaptive Distribution Fusion Framework for Real-World Facial Expression "
    "Recognition. ICASSP 2023; "
    "Ada-DF: An Adaptive Label Distribution Fusion Network for Facial Expression Recognition. arXiv 2404.15714 (2024)",
    "none are published (the authors' code has no licence)",
    {"main"}};

class AdaDf final : public method::Method {
 public:
  AdaDf(const AdaDfConfig& config, const method::DataFacts& facts)
      : config_(checked(config)),
        facts_(facts),
        network_(config, num_classes(), facts.input.channels),
        table_(start_table()),
        sums_(num_classes()) {}

  const method::MethodInfo& info() const override { return kInfo; }
  const method::DataFacts& facts() const override { return facts_; }
  torch::nn::Module& network() override { return *network_; }
  nn::NamedTensors extra_state() override;
  void initialise(std::uint64_t seed) override;
  std::vector<method::Stage> stages() override;
  method::Prediction predict(const at::Tensor& images) override;
  method::Deploy deploy(const method::DeployOptions& options) override;
  method::ImportRules import_rules() const override;
  method::GoldenRun run_golden(const nn::TensorFile& golden) override {
    return ada_df::run_golden(network_, config_, table_, golden);
  }

 private:
  static const AdaDfConfig& checked(const AdaDfConfig& config) {
    check(config);
    return config;
  }
  std::int64_t num_classes() const { return static_cast<std::int64_t>(facts_.classes.size()); }
  at::Tensor start_table() const { return threshold_table(num_classes(), config_.threshold, 1 - config_.threshold); }
  bool collects_in_training() const {
    return config_.dual() && config_.distribution_update == "epoch" && config_.distribution_source == "train_running";
  }
  void refuse_frozen_noise() const;
  method::Losses losses(const batch::Batch& batch, const method::StepContext& context);
  std::int64_t rows_per_picture() const { return config_.ten_crop ? kCrops : 1; }
  static void watch_noise(const batch::Batch& batch, const at::Tensor& weights, method::Losses& terms);
  void renew_table(method::HookContext& context);

  AdaDfConfig config_;
  method::DataFacts facts_;
  AdaDfNet network_;
  at::Tensor table_;       ///< class distributions D (K,K)
  ClassSums sums_;         ///< of the running epoch
  at::Tensor drawn_stem_;  ///< first convolution as drawn at random; undefined with a backbone
};

nn::NamedTensors AdaDf::extra_state() {
  nn::NamedTensors out{{"class_distributions", table_}};
  if (collects_in_training()) {
    out.emplace_back("class_sums", sums_.sums);
    out.emplace_back("class_counts", sums_.counts);
  }
  return out;
}

void AdaDf::initialise(std::uint64_t seed) {
  torch::manual_seed(seed);
  ada_df::initialise(network_);
  const torch::NoGradGuard no_grad;
  table_.copy_(start_table());
  sums_.clear();
  if (config_.backbone.empty()) drawn_stem_ = network_->feature->parameters().front().detach().clone();
  for (int branch : {1, 2})
    if (!config_.backbone.empty() && (branch == 2 || network_->dual()))
      method::load_backbone(*network_->backbone_of(branch), config_.backbone, nn::backbone_names());
}

void AdaDf::refuse_frozen_noise() const {
  if (config_.freeze_stem && drawn_stem_.defined() &&
      network_->feature->parameters().front().detach().cpu().equal(drawn_stem_))
    fail_usage("model.freeze_stem is on, but the stem was drawn at random and would stay so.",
               "Give init.backbone or --init, or leave model.freeze_stem off.");
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

/// Monitors under noise that was made on purpose: the mean weight of right and of wrong labels (card section 9, claim
/// 4).
void AdaDf::watch_noise(const batch::Batch& batch, const at::Tensor& weights, method::Losses& terms) {
  const at::Tensor w = weights.detach().flatten(), wrong = batch.true_labels != batch.labels;
  for (const auto& [name, chosen] : {std::pair{"weight_right", ~wrong}, std::pair{"weight_wrong", wrong}})
    if (chosen.any().item<bool>()) terms.push_back({name, w.masked_select(chosen).mean(), 0});
}

/// Card section 3: the auxiliary branch in inference mode over the training pictures, then one row per class.
void AdaDf::renew_table(method::HookContext& context) {
  const torch::NoGradGuard no_grad;
  if (config_.distribution_source != "train_running") {
    sums_.clear();
    network_->eval();
    const bool is_augmented = config_.distribution_source == "eval_augmented";
    context.for_each_batch(is_augmented, [&](batch::Batch batch) {
      if (config_.ten_crop && !is_augmented) {  // the augmented pass has the view's crops already
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
  method::Stage stage;
  stage.needs.views = {make_view(config_.augment, facts_.input, config_.ten_crop)};
  stage.needs.sampler = config_.sampler;
  stage.needs.drop_last = true;
  if (config_.freeze_stem) stage.frozen = {"feature."};
  method::ParameterGroup group{"all", {}};
  for (const auto& p : network_->named_parameters())
    if (!config_.freeze_stem || !p.key().starts_with("feature.")) group.parameters.emplace_back(p.key(), p.value());
  stage.players.push_back({"network", {group}, config_.optimiser, /*ema=*/true});
  stage.turns.push_back(
      {0, 1, [this](const batch::Batch& batch, const method::StepContext& context) { return losses(batch, context); }});
  stage.hooks.stage_begin = [this](method::HookContext&) { refuse_frozen_noise(); };
  if (config_.dual() && config_.distribution_update == "epoch")
    stage.hooks.epoch_end = [this](method::HookContext& context) { renew_table(context); };
  return {stage};
}

method::Prediction AdaDf::predict(const at::Tensor& images) {
  const torch::NoGradGuard no_grad;
  network_->eval();
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
  method::ImportRules rules{{"state_dict", "model_state_dict", "model"}, {{{"module.", ""}, {"", ""}}}, {}};
  for (const char* k : {"1", "2"}) {  // the reference registers each branch a second time in parts
    rules.twins.emplace_back(text("branch_", k, "_feature."), text("branch_", k, "."));
    rules.twins.emplace_back(text("branch_", k, "_classifier."), text("branch_", k, ".4."));
  }
  // Nobody publishes weights; files that the reference's own program writes count as its data sets do.
  rules.classifier = "branch_2.4.weight";
  rules.orders = {"raf", "affectnet"};
  rules.config = {"input.size=224", "input.mean=[0.485, 0.456, 0.406]", "input.std=[0.229, 0.224, 0.225]"};
  return rules;
}

}  // namespace

std::unique_ptr<method::MethodConfig> make_ada_df_config() {
  return std::make_unique<method::ConfigOf<AdaDf, AdaDfConfig>>(kInfo, golden_config);
}

}  // namespace mien::methods::ada_df
