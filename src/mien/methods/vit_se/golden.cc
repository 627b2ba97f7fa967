// SPDX-License-Identifier: Apache-2.0
// ViT-SE's golden file: timm's backbone with the author's head under formula weights, all variants of the card.
#include <functional>

#include "mien/batch/mixup.h"
#include "mien/method/golden_scribe.h"
#include "mien/methods/vit_se/explanation.h"
#include "mien/nn/cross_entropy.h"

namespace mien::methods::vit_se {
namespace {

/// One network of the file and what is computed with it.
class Variant {
 public:
  Variant(method::GoldenScribe& scribe, const std::function<void(VitSeConfig&)>& change, const std::string& suffix = {})
      : scribe_(scribe), images_(scribe.input("input" + suffix)), labels_(scribe.input("labels" + suffix)) {
    VitSeConfig config;
    config.augment = Augment::none;
    change(config);
    face::InputSpec spec;
    spec.channels = static_cast<int>(images_.size(1));
    spec.height = static_cast<int>(images_.size(2));
    spec.width = static_cast<int>(images_.size(3));
    network_ = VitSeNet(config, vit_options(config, spec), scribe.num_classes());
    scribe_.fill(*network_);
  }

  void run_small();
  void run_mixup();
  void run_tiny();
  HeadOutput output() {
    const torch::NoGradGuard no_grad;
    return network_->forward(images_);
  }

 private:
  at::Tensor targets() const { return at::one_hot(labels_, scribe_.num_classes()).to(at::kFloat); }
  void write_tokens(const VitTrace& trace);
  void write_maps(const VitTrace& trace, const HeadOutput& head);
  void write_gradients(const at::Tensor& loss, const std::string& prefix);

  method::GoldenScribe& scribe_;
  at::Tensor images_, labels_;
  VitSeNet network_{nullptr};
};

void Variant::write_tokens(const VitTrace& trace) {
  std::vector<at::Tensor> all{trace.embedded}, class_rows, class_tokens, norms;
  for (const auto& block : trace.blocks) {
    all.push_back(block.tokens);
    class_rows.push_back(block.attention.select(2, 0));
  }
  for (const auto& tokens : all) {
    class_tokens.push_back(tokens.select(1, 0));
    norms.push_back(tokens.flatten(1).norm(2, 1));
  }
  scribe_.output("eval.block_norms", at::stack(norms));
  scribe_.output("eval.tokens_cls", at::stack(class_tokens));
  scribe_.output("eval.attention_cls", at::stack(class_rows));
  scribe_.output("eval.attention_patch0", trace.blocks.back().attention.select(2, 1));
}

void Variant::write_maps(const VitTrace& trace, const HeadOutput& head) {
  const std::int64_t rows = network_->model->options.rows(), columns = network_->model->options.columns();
  std::vector<at::Tensor> attention;
  for (const auto& block : trace.blocks) attention.push_back(block.attention);
  scribe_.output("eval.rollout", rollout(attention).unflatten(1, {rows, columns}));
  const at::Tensor& before_last = trace.blocks[trace.blocks.size() - 2].tokens;
  const at::Tensor maps = class_maps(*network_, class_token_pass(*network_->model->blocks.back(), before_last), head);
  const at::Tensor place = labels_.view({-1, 1, 1, 1}).expand({-1, 1, rows, columns});
  scribe_.output("eval.gradcam", at::relu(maps.gather(1, place).squeeze(1)));
  const at::Tensor patches = trace.blocks.back().normed.slice(1, 1);
  scribe_.output("eval.eigencam", eigen_cam(patches).unflatten(1, {rows, columns}));
}

void Variant::run_small() {
  {
    const torch::NoGradGuard no_grad;
    const VitTrace trace = network_->model->trace(images_);
    const HeadOutput head = network_->run_head(trace.features);
    write_tokens(trace);
    write_maps(trace, head);
    scribe_.output("eval.features", head.features);
    scribe_.output("eval.excitation", head.excitation);
    scribe_.output("eval.features_se", head.gated);
    scribe_.output("eval.logits", head.logits);
  }
  const HeadOutput out = network_->forward(images_);
  const at::Tensor loss = nn::cross_entropy(out.logits, targets());
  scribe_.output("train.logits", out.logits);
  scribe_.output("train.loss.cross_entropy", loss);
  write_gradients(loss, "train.");
}

void Variant::run_mixup() {
  batch::Batch batch;
  batch.views = {images_};
  batch.labels = labels_;
  batch.distribution = targets();
  batch::mix(batch, {scribe_.number("mixup_lambda"), at::arange(labels_.size(0) - 1, -1, -1, at::kLong)});
  const HeadOutput out = network_->forward(batch.images());
  const at::Tensor loss = nn::cross_entropy(out.logits, batch.distribution);
  scribe_.output("train.mixup.logits", out.logits);
  scribe_.output("train.loss.mixup", loss);
  write_gradients(loss, "train.mixup.");
}

void Variant::run_tiny() {
  {
    const torch::NoGradGuard no_grad;
    const VitTrace trace = network_->model->trace(images_);
    std::vector<at::Tensor> attention;
    for (const auto& block : trace.blocks) attention.push_back(block.attention);
    scribe_.output("eval.tiny.attention", at::stack(attention));
    scribe_.output("eval.tiny.features", trace.features);
    scribe_.output("eval.tiny.logits", network_->run_head(trace.features).logits);
  }
  const at::Tensor loss = nn::cross_entropy(network_->forward(images_).logits, targets());
  scribe_.output("train.tiny.loss.cross_entropy", loss);
  write_gradients(loss, "train.tiny.");
}

void Variant::write_gradients(const at::Tensor& loss, const std::string& prefix) {
  network_->zero_grad();
  loss.backward();
  scribe_.gradients(prefix + "grad", *network_);
  for (const auto& p : network_->named_parameters())
    scribe_.gradient(prefix + "gradnorm." + p.key(), p.value().grad().to(at::kDouble).norm().to(at::kFloat));
}

}  // namespace

void golden(method::GoldenScribe& scribe) {
  {
    Variant small(scribe, [](VitSeConfig&) {});
    small.run_small();
    small.run_mixup();
  }
  const HeadOutput se2 = Variant(scribe, [](VitSeConfig& c) { c.se_ratio = 2; }).output();
  scribe.output("eval.se2.logits", se2.logits);
  scribe.output("eval.se2.excitation", se2.excitation);
  scribe.output("eval.plain.logits", Variant(scribe, [](VitSeConfig& c) { c.se = false; }).output().logits);
  scribe.output("eval.headscale.logits",
                Variant(scribe, [](VitSeConfig& c) { c.attention_scale = AttentionScale::head; }).output().logits);
  const HeadOutput base = Variant(scribe, [](VitSeConfig& c) { c.preset = Preset::base; }).output();
  scribe.output("eval.base.logits", base.logits);
  scribe.output("eval.base.features", base.features);
  Variant(
      scribe, [](VitSeConfig& c) { c.preset = Preset::tiny; }, "_tiny")
      .run_tiny();
}

}  // namespace mien::methods::vit_se
