// SPDX-License-Identifier: Apache-2.0
// SCAN-CCI's golden file: the reference's network in float64, with its arrangement of the bottom strip; with true
// windows (fixed) and with one attention unit for all patches (shared).
#include "mien/method/golden_scribe.h"
#include "mien/methods/scan_cci/loss.h"

namespace mien::methods::scan_cci {
namespace {

constexpr double kAttentionWeight = 0.2;

class Answers {
 public:
  explicit Answers(method::GoldenScribe& scribe)
      : scribe_(scribe), images_(scribe.input("input").to(at::kDouble)), labels_(scribe.input("labels")) {
    plain_.bottom_strip = BottomStrip::reference;
    shared_ = fixed_ = plain_;
    shared_.shared = true;
    fixed_.bottom_strip = BottomStrip::windows;
  }

  void run() {
    evaluate();
    train();
    train_fixed();
    train_shared();
  }

 private:
  ScanCciNet network(const ScanCciConfig& config, bool training) const {
    ScanCciNet net(config, scribe_.num_classes(), 3, images_.size(2));
    scribe_.fill(*net);
    net->to(at::kDouble);
    net->train(training);
    return net;
  }
  at::Tensor total(const ScanCciOutput& out) const {
    const ScanCciLosses losses = compute_losses(out, labels_, {});
    return losses.attention * kAttentionWeight + losses.region_sum * (1 - kAttentionWeight);
  }
  void add_outputs(const std::string& prefix, const ScanCciOutput& out);
  void add_gradients(const std::string& prefix, const ScanCciNet& net);
  void add_buffer(const std::string& prefix, const ScanCciNet& net, const std::string& key) {
    scribe_.output(prefix + key, net->named_buffers()[key]);
  }
  void evaluate();
  void train();
  void train_fixed();
  void train_shared();

  method::GoldenScribe& scribe_;
  at::Tensor images_, labels_;
  ScanCciConfig plain_, fixed_, shared_;
};

void Answers::add_outputs(const std::string& prefix, const ScanCciOutput& out) {
  scribe_.output(prefix + "layer2_mean", out.base.f2.mean({2, 3}));
  scribe_.output(prefix + "layer3_mean", out.base.f3.mean({2, 3}));
  scribe_.output(prefix + "patch_gap", out.attention.patch_gap);
  scribe_.output(prefix + "local", out.attention.local);
  scribe_.output(prefix + "global", out.attention.global);
  scribe_.output(prefix + "global_mask_mean", out.attention.global_mask.mean(1));
  scribe_.output(prefix + "combined", out.attention.combined);
  scribe_.output(prefix + "eca", out.context.channel_weights);
  scribe_.output(prefix + "logits_attention", out.attention.logits);
  scribe_.output(prefix + "logits_region", out.context.logits.transpose(1, 2));
  scribe_.output(prefix + "logits", out.logits);
  scribe_.output(prefix + "loss.total", total(out));
}

void Answers::add_gradients(const std::string& prefix, const ScanCciNet& net) {
  scribe_.gradients(prefix + "grad", *net);
  for (const auto& parameter : net->named_parameters())
    if (parameter.value().grad().defined())
      scribe_.gradient(prefix + "gradnorm." + parameter.key(), parameter.value().grad().norm());
}

void Answers::evaluate() {
  const torch::NoGradGuard no_grad;
  add_outputs("eval.", network(plain_, false)->forward(images_));
  const AttentionOutput fixed = network(fixed_, false)->forward(images_).attention;
  scribe_.output("eval.fixed.patch_gap_bottom", fixed.patch_gap.narrow(1, 20, 4));
  scribe_.output("eval.fixed.logits_attention", fixed.logits);
  const AttentionOutput shared = network(shared_, false)->forward(images_).attention;
  scribe_.output("eval.shared.patch_gap_first", shared.patch_gap.narrow(1, 0, 1));
  scribe_.output("eval.shared.logits_attention", shared.logits);
}

void Answers::train() {
  const ScanCciNet net = network(plain_, true);
  const ScanCciOutput out = ScanCciNet(net)->forward(images_);
  const ScanCciLosses losses = compute_losses(out, labels_, {});
  total(out).backward();
  add_outputs("train.", out);
  scribe_.output("train.loss.attention", losses.attention);
  scribe_.output("train.loss.regions", losses.by_region);
  scribe_.output("train.loss.region_sum", losses.region_sum);
  add_gradients("train.", net);
  for (const char* key : {"attention.global_attention_mask.attention.2.running_mean",
                          "attention.local_attention_masks.20.attention.2.running_mean", "base.bn1.running_var"})
    add_buffer("train.after.", net, key);
}

void Answers::train_fixed() {
  const ScanCciNet net = network(fixed_, true);
  const ScanCciOutput out = ScanCciNet(net)->forward(images_);
  total(out).backward();
  scribe_.output("train.fixed.logits_attention", out.attention.logits);
  scribe_.output("train.fixed.loss.total", total(out));
  add_gradients("train.fixed.", net);
}

void Answers::train_shared() {
  const ScanCciNet net = network(shared_, true);
  const ScanCciOutput out = ScanCciNet(net)->forward(images_);
  total(out).backward();
  scribe_.output("train.shared.logits_attention", out.attention.logits);
  scribe_.output("train.shared.loss.total", total(out));
  add_gradients("train.shared.", net);
  for (const char* part : {"running_mean", "num_batches_tracked"})
    add_buffer("train.shared.after.", net, std::string("attention.local_attention_masks.attention.2.") + part);
}

}  // namespace

void golden(method::GoldenScribe& scribe) { Answers(scribe).run(); }

}  // namespace mien::methods::scan_cci
