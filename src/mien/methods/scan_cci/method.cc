// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "mien/batch/affine.h"
#include "mien/batch/color_jitter.h"
#include "mien/batch/recipes.h"
#include "mien/method/method_of.h"
#include "mien/methods/scan_cci/deploy_outputs.h"
#include "mien/methods/scan_cci/loss.h"
#include "mien/nn/float32.h"
#include "mien/nn/scaling.h"

namespace mien::methods::scan_cci {
namespace {

const method::MethodInfo kInfo{"scan-cci",
                               "SCAN-CCI: spatio-channel attention and complementary context",
                               "Gera, Balasubramanian: Landmark guidance independent spatio-channel attention and "
                               "complementary context information based facial expression recognition. Pattern "
                               "Recognition Letters 145 (2021); arXiv 2007.10298",
                               "none published (the authors' code has no licence)",
                               {"main"}};

const ScanCciConfig& checked(const ScanCciConfig& config) {
  check(config);
  return config;
}

/// Card section 4: flip and colour jitter on the packed picture, then resizing.
at::Tensor card_recipe(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& g, batch::Moves* moves) {
  constexpr batch::JitterRanges kJitter{0.4, 0.3, 0.25, 0.05};
  at::Tensor images = batch::mirror(pixels.to(at::kFloat), 0.5, g, moves);
  images = batch::color_jitter(images, kJitter, g);
  return nn::normalise(nn::resize_to_input(images, input), input);
}

class ScanCci final : public method::MethodOf<ScanCciConfig, ScanCciNet> {
 public:
  ScanCci(const ScanCciConfig& config, const method::DataFacts& facts)
      : MethodOf(kInfo, checked(config), facts,
                 ScanCciNet(config, static_cast<std::int64_t>(facts.classes.size()), facts.input.channels,
                            facts.input.width)),
        class_weights_(at::ones({num_classes()})) {}

  nn::NamedTensors extra_state() override { return {{"class_weights", class_weights_}}; }
  std::vector<method::Stage> stages() override;
  method::Deploy deploy(const method::DeployOptions& options) override;
  method::ImportRules import_rules() const override;

 private:
  void draw() override {
    scan_cci::initialise(network_);
    class_weights_.fill_(1);
    load_backbone_file();
  }
  void load_backbone_file();
  method::Prediction answer(const at::Tensor& images) override { return {network_->forward(images).logits, {}, {}}; }
  void count_classes(method::HookContext& context);
  method::Losses losses(const batch::Batch& batch);

  at::Tensor class_weights_;  ///< (K), ones without loss.reweight
};

/// A torchvision ResNet-50, whose fourth stage and classifier are left out, or the base of another run.
void ScanCci::load_backbone_file() {
  if (config_.backbone.empty()) return;
  nn::RenameRules names;
  names.prefixes = {{"base.", ""}};
  for (const char* part : {"conv1.", "bn1.", "layer1.", "layer2.", "layer3."}) names.prefixes.emplace_back(part, part);
  method::load_backbone(*network_->base, config_.backbone, names);
}

void ScanCci::count_classes(method::HookContext& context) {
  const torch::NoGradGuard no_grad;
  at::Tensor counts = at::zeros({num_classes()}, at::kDouble);
  context.for_each_batch(/*augmented=*/false, [&](const batch::Batch& batch) {
    counts += at::bincount(batch.labels.cpu(), {}, num_classes());
    return true;
  });
  class_weights_.copy_(class_weights(counts));
}

method::Losses ScanCci::losses(const batch::Batch& batch) {
  const ScanCciOutput out = network_->forward(batch.images());
  const nn::Float32 full(batch.images().device().type());
  const at::Tensor weights = config_.reweight ? class_weights_ : at::Tensor();
  const ScanCciLosses l = compute_losses(out, batch.labels, weights);
  const double share = config_.attention_weight;
  method::Losses terms;
  if (l.attention.defined()) terms.push_back({"attention", l.attention, l.region_sum.defined() ? share : 1});
  if (l.region_sum.defined()) terms.push_back({"regions", l.region_sum, l.attention.defined() ? 1 - share : 1});
  return terms;
}

std::vector<method::Stage> ScanCci::stages() {
  constexpr batch::Recipe recipes[] = {card_recipe, batch::ferplus, batch::plain};
  const auto is_base = [](const std::string& key) { return key.starts_with("base."); };
  method::ParameterGroup base = group("base", is_base);
  base.rate_factor = config_.base_rate_factor;
  method::Stage stage =
      one_stage({batch::view_of(recipes[static_cast<std::size_t>(config_.augment)], facts_.input)},
                {base, group("branches", [=](const std::string& key) { return !is_base(key); })},
                [this](const batch::Batch& batch, const method::StepContext&) { return losses(batch); });
  if (config_.norms_after_first_epoch == Norms::frozen) stage.inference_norms = {{"", 1}};
  if (config_.reweight) stage.hooks.stage_begin = [this](method::HookContext& context) { count_classes(context); };
  return {stage};
}

method::Deploy ScanCci::deploy(const method::DeployOptions& options) {
  method::refuse_reconstruction(kInfo.name, options);
  return method::deploy_of(facts_.input, network_.ptr(), [network = network_](const at::Tensor& images) mutable {
    return deploy_outputs(*network, network->forward(images), images.size(3));
  });
}

/// Card 2: the reference saves three state dicts, with four additional names for the region network.
method::ImportRules ScanCci::import_rules() const {
  method::ImportRules rules;
  rules.containers = {"state_dict", "model_state_dict"};
  rules.parts = {
      {"base_state_dict", "base."}, {"attention_state_dict", "attention."}, {"region_state_dict", "region."}};
  for (const char* k : {"0", "1", "2", "3"})
    rules.twins.emplace_back(fmt::format("region.classifiers.{}.", k), "region.region_net.");
  rules.classifier = config_.cci ? "region.region_net.2.weight" : "attention.fc.weight";
  rules.orders = {"affectnet"};
  rules.config = {"input.size=224", "input.mean=[0.5, 0.5, 0.5]", "input.std=[0.5, 0.5, 0.5]",
                  "model.bottom_strip=reference"};
  return rules;
}

}  // namespace

std::unique_ptr<method::MethodConfig> make_config() { return method::config_of<ScanCci, ScanCciConfig>(kInfo, golden); }

}  // namespace mien::methods::scan_cci
