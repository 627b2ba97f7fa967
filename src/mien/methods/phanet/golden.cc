// SPDX-License-Identifier: Apache-2.0
// PhaNet's golden file: our own interpretation of the paper in float64, seven variants with one switch changed each.
#include "mien/method/golden_scribe.h"
#include "mien/methods/phanet/loss.h"

namespace mien::methods::phanet {
namespace {

class Answers {
 public:
  explicit Answers(method::GoldenScribe& scribe) : scribe_(scribe), images_(scribe.input("input").to(at::kDouble)) {}

  void run() {
    evaluate();
    evaluate_variants();
    train();
    train_soft();
    train_dynamic();
  }

 private:
  PhanetNet network(const PhanetConfig& config) const {
    PhanetNet net(config, scribe_.num_classes(), 3);
    scribe_.fill(*net);
    net->to(at::kDouble);
    return net;
  }
  PhanetConfig configuration() const {
    PhanetConfig config;
    config.select_k = static_cast<int>(scribe_.number("top"));
    return config;
  }
  WeightedLosses weighted(PhanetNet& net, const PhanetOutput& out, const at::Tensor& poses) const {
    return weigh(*net, out, compute_losses(net->config(), out, scribe_.input("labels"), poses));
  }
  void add_outputs(const std::string& prefix, const PhanetOutput& out);
  void evaluate();
  void evaluate_variants();
  void train();
  void train_soft();
  void train_dynamic();

  method::GoldenScribe& scribe_;
  at::Tensor images_;
};

void Answers::add_outputs(const std::string& prefix, const PhanetOutput& out) {
  for (std::size_t k = 0; k < out.masks.size(); ++k)
    scribe_.output(prefix + "attention." + std::to_string(k), out.masks[k]);
  scribe_.output(prefix + "global_features", out.global_features);
  scribe_.output(prefix + "scale_features", out.scale_features);
  scribe_.output(prefix + "scale_logits", out.scale_logits);
  scribe_.output(prefix + "scale_probabilities", out.scale_probabilities);
  scribe_.output(prefix + "scale_weights", out.scale_weights);
  scribe_.output(prefix + "features", out.features);
  scribe_.output(prefix + "pose", out.pose);
  scribe_.output(prefix + "logits", out.logits);
}

void Answers::evaluate() {
  const torch::NoGradGuard no_grad;
  PhanetNet net = network(configuration());
  net->eval();
  const PhanetOutput out = net->forward(images_, Selection::top);
  const at::Tensor poses = scribe_.input("poses");
  add_outputs("eval.", out);
  scribe_.output("eval.loss.total", weighted(net, out, poses).total());
  scribe_.output("eval.no_pose_label.loss.total", weighted(net, out, at::full_like(poses, kUnknownPose)).total());
}

void Answers::evaluate_variants() {
  const torch::NoGradGuard no_grad;
  const auto logits = [&](const PhanetConfig& config, Selection selection) {
    PhanetNet net = network(config);
    net->eval();
    return net->forward(images_, selection).logits;
  };
  const PhanetConfig whole = configuration();
  PhanetConfig no_attention = whole, no_topdown = whole, no_pose_guide = whole;
  no_attention.attention = Attention::none;
  no_topdown.attention = Attention::flat;
  no_pose_guide.pose_guided = false;
  scribe_.output("eval.soft.logits", logits(whole, Selection::soft));
  scribe_.output("eval.concat.logits", logits(whole, Selection::concat));
  scribe_.output("eval.no_attention.logits", logits(no_attention, Selection::top));
  scribe_.output("eval.no_topdown.logits", logits(no_topdown, Selection::top));
  scribe_.output("eval.no_pose_guide.logits", logits(no_pose_guide, Selection::top));
  for (const LossWeights scheme : {LossWeights::dynamic, LossWeights::fixed}) {
    PhanetConfig config = whole;
    config.loss_weights = scheme;
    PhanetNet net = network(config);
    net->eval();
    const WeightedLosses losses = weighted(net, net->forward(images_, Selection::top), scribe_.input("poses"));
    const std::string prefix = "eval." + std::string(to_word(scheme)) + ".loss.";
    scribe_.output(prefix + "weights", losses.weights);
    scribe_.output(prefix + "total", losses.total());
  }
}

void Answers::train() {
  PhanetNet net = network(configuration());
  net->train();
  const PhanetOutput out = net->forward(images_, Selection::top);
  const PhanetLosses losses = compute_losses(net->config(), out, scribe_.input("labels"), scribe_.input("poses"));
  const WeightedLosses weighted_losses = weigh(*net, out, losses);
  weighted_losses.total().backward();
  add_outputs("train.", out);
  scribe_.output("train.loss.expression", losses.expression);
  scribe_.output("train.loss.pose", losses.pose);
  scribe_.output("train.loss.attention", losses.by_scale);
  scribe_.output("train.loss.weights", weighted_losses.weights);
  scribe_.output("train.loss.total", weighted_losses.total());
  scribe_.gradients("train.grad", *net);
  for (const auto& parameter : net->named_parameters())
    if (parameter.value().grad().defined())
      scribe_.gradient("train.gradnorm." + parameter.key(), parameter.value().grad().norm());
  const auto buffers = net->named_buffers();
  for (const char* key : {"backbone.features.norm5.running_var", "scales.0.embed_norm.running_mean"})
    scribe_.output(std::string("train.after.") + key, buffers[key]);
}

void Answers::train_soft() {
  PhanetNet net = network(configuration());
  net->train();
  const PhanetOutput out = net->forward(images_, Selection::soft);
  const at::Tensor total = weighted(net, out, scribe_.input("poses")).total();
  total.backward();
  scribe_.output("train.soft.logits", out.logits);
  scribe_.output("train.soft.loss.total", total);
  scribe_.gradients("train.soft.grad", *net);
}

void Answers::train_dynamic() {
  PhanetConfig config = configuration();
  config.loss_weights = LossWeights::dynamic;
  PhanetNet net = network(config);
  net->train();
  const WeightedLosses losses = weighted(net, net->forward(images_, Selection::top), scribe_.input("poses"));
  losses.total().backward();
  scribe_.output("train.dynamic.loss.weights", losses.weights);
  scribe_.output("train.dynamic.loss.total", losses.total());
  scribe_.gradients("train.dynamic.grad", *net);
  for (const auto& parameter : net->named_parameters())
    if (parameter.value().grad().defined())
      scribe_.gradient("train.dynamic.gradnorm." + parameter.key(), parameter.value().grad().norm());
}

}  // namespace

void golden(method::GoldenScribe& scribe) { Answers(scribe).run(); }

}  // namespace mien::methods::phanet
