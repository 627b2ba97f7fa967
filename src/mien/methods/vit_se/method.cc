// SPDX-License-Identifier: Apache-2.0
// ViT-SE as a method: one stage, one player, one turn.
#include <fmt/core.h>

#include "mien/batch/mixup.h"
#include "mien/batch/window.h"
#include "mien/method/imagenet.h"
#include "mien/method/method_of.h"
#include "mien/methods/vit_se/deploy_outputs.h"
#include "mien/methods/vit_se/foreign_weights.h"
#include "mien/methods/vit_se/loss.h"
#include "mien/methods/vit_se/network.h"
#include "mien/methods/vit_se/views.h"
#include "mien/nn/cross_entropy.h"

namespace mien::methods::vit_se {
namespace {

const method::MethodInfo kInfo{"vit-se",
                               "ViT-SE: Vision Transformer with a Squeeze-and-Excitation head",
                               "Aouayeb, Hamidouche, Soladie, Kpalma, Seguier: Learning Vision Transformer with "
                               "Squeeze and Excitation for Facial Expression Recognition. arXiv 2107.03107 (2021)",
                               "none published; timm's ImageNet weights: Apache-2.0",
                               {"main"}};

class VitSe final : public method::MethodOf<VitSeConfig, VitSeNet> {
 public:
  VitSe(const VitSeConfig& config, const method::DataFacts& facts)
      : MethodOf(kInfo, config, facts,
                 VitSeNet(config, vit_options(config, facts.input), static_cast<std::int64_t>(facts.classes.size()))) {}

  std::vector<method::Stage> stages() override;
  method::Deploy deploy(const method::DeployOptions& options) override;
  method::ImportRules import_rules() const override;

 private:
  void draw() override;
  method::Prediction answer(const at::Tensor& images) override;
  method::Losses losses(const batch::Batch& batch);
  /// The training target: votes blended with the label. Mixup stores it in the batch's distribution.
  at::Tensor target(const batch::Batch& batch) const {
    return nn::blend_target(batch.distribution, batch.labels, config_.votes);
  }
  const VitOptions& options() const { return network_->model->options; }
};

void VitSe::draw() {
  vit_se::initialise(network_);
  if (config_.backbone.empty()) return;
  const auto file = nn::read_weights(config_.backbone, {"state_dict", "model_state_dict", "model"});
  const nn::NamedTensors ours = from_foreign(file.file.tensors, options(), config_.backbone);
  auto report = method::load_what_fits(*network_->model, nn::RenameRules{{{"model.", ""}}}.apply(ours));
  report.origin = config_.backbone;
  method::require_complete(report, "the transformer (init.backbone)");
}

/// Card 2.4: files of timm and Hugging Face provide the transformer; the head is initialised.
method::ImportRules VitSe::import_rules() const {
  method::ImportRules rules;
  rules.containers = {"state_dict", "model_state_dict", "model"};
  rules.keys.prefixes = {{"model.", "model."}};
  for (const char* part : {"cls_token", "pos_embed", "patch_embed.", "blocks.", "norm."})
    rules.keys.prefixes.emplace_back(part, fmt::format("model.{}", part));
  for (const char* start :
       {"", "vit."}) {  // Hugging Face's names, with and without a classifier around the transformer
    rules.keys.prefixes.emplace_back(fmt::format("{}encoder.layer.", start), "model.blocks.");
    rules.keys.prefixes.emplace_back(fmt::format("{}embeddings.cls_token", start), "model.cls_token");
    rules.keys.prefixes.emplace_back(fmt::format("{}embeddings.position_embeddings", start), "model.pos_embed");
    rules.keys.prefixes.emplace_back(fmt::format("{}embeddings.patch_embeddings.projection.", start),
                                     "model.patch_embed.proj.");
    rules.keys.prefixes.emplace_back(fmt::format("{}layernorm.", start), "model.norm.");
  }
  rules.keys.infixes = {{".attention.attention.query.", ".attn.qkv.[0]."},
                        {".attention.attention.key.", ".attn.qkv.[1]."},
                        {".attention.attention.value.", ".attn.qkv.[2]."},
                        {".attention.output.dense.", ".attn.proj."},
                        {".intermediate.dense.", ".mlp.fc1."},
                        {".output.dense.", ".mlp.fc2."},
                        {".layernorm_before.", ".norm1."},
                        {".layernorm_after.", ".norm2."}};
  rules.reshaped = {"model.patch_embed.proj.weight"};
  rules.position_grids = {{"model.pos_embed", 1}};
  rules.optional = {"head."};
  rules.classifier = config_.se ? "head.cls.weight" : "head.weight";
  rules.config = method::imagenet_settings(256);
  return rules;
}

/// Logged: a gate that no longer differs between channels, or that is open or closed throughout, has collapsed (card
/// 9).
void log_gate(const at::Tensor& gate, method::Losses& terms) {
  terms.push_back({"gate_spread", gate.mean(0).std(), 0});
  terms.push_back({"gate_inside", ((gate > 0.05) & (gate < 0.95)).to(at::kFloat).mean(), 0});
}

method::Losses VitSe::losses(const batch::Batch& batch) {
  const HeadOutput out = network_->forward(batch.images());
  const at::Tensor wanted = config_.mixup_alpha > 0 ? batch.distribution : target(batch);
  const at::Tensor cross_entropy = nn::cross_entropy(out.logits, wanted);
  method::Losses terms;
  if (config_.loss == LossKind::focal_batch) {
    terms.push_back({"focal_batch", focal_batch(cross_entropy), 1});
    terms.push_back({"cross_entropy", cross_entropy.detach(), 0});
  } else {
    terms.push_back({"cross_entropy", cross_entropy, 1});
  }
  if (out.excitation.defined()) log_gate(out.excitation.detach().to(at::kFloat), terms);
  return terms;
}

std::vector<method::Stage> VitSe::stages() {
  const auto is_head = [](const std::string& key) { return key.starts_with("head."); };
  method::ParameterGroup trained = config_.freeze_backbone ? group("head", is_head) : group("all");
  method::Stage stage = one_stage({make_view(config_, options(), facts_.input)}, {std::move(trained)},
                                  [this](const batch::Batch& b, const method::StepContext&) { return losses(b); });
  stage.needs.drop_last = true;
  if (config_.freeze_backbone) stage.frozen = {"model."};
  if (config_.mixup_alpha > 0)
    stage.needs.wrap = [this](batch::Batch& batch, at::Generator& generator, double) {
      batch.distribution = target(batch);
      batch::mix(batch, batch::draw_mixup(batch.size(), config_.mixup_alpha, generator));
    };
  return {std::move(stage)};
}

method::Prediction VitSe::answer(const at::Tensor& images) {
  const HeadOutput out = network_->forward(batch::centre_window(images, options().height, options().width));
  method::Prediction prediction{out.logits.to(at::kFloat), {}};
  if (out.excitation.defined()) prediction.values.emplace_back("excitation", out.excitation);
  return prediction;
}

method::Deploy VitSe::deploy(const method::DeployOptions& options) {
  method::refuse_reconstruction(kInfo.name, options);
  return method::deploy_of(facts_.input, network_.ptr(), [network = network_](const at::Tensor& images) mutable {
    return deploy_outputs(*network, images);
  });
}

}  // namespace

std::unique_ptr<method::MethodConfig> make_config() { return method::config_of<VitSe, VitSeConfig>(kInfo, golden); }

}  // namespace mien::methods::vit_se
