// SPDX-License-Identifier: Apache-2.0
// FDRL's golden file: three sets, the printed sum with plain and with lowered biases, and the mean of the sigmoids.
#include "mien/method/golden_scribe.h"
#include "mien/methods/fdrl/loss.h"
#include "mien/methods/fdrl/network.h"
#include "mien/nn/cross_entropy.h"

namespace mien::methods::fdrl {
namespace {

/// One of the three sets of the file.
class Set {
 public:
  Set(const FdrlConfig& config, method::GoldenScribe& scribe, std::string prefix)
      : config_(config), scribe_(scribe), prefix_(std::move(prefix)) {}

  void run() {
    evaluate();
    evaluate_skip_message();
    train();
  }

 private:
  FdrlNet net(const FdrlConfig& config) const {
    FdrlNet network(config, scribe_.num_classes(), 3);
    scribe_.fill(*network);
    if (prefix_ == kSmall) lower_biases(network);
    return network;
  }
  /// As the file's "small." set: with plain formula weights every tanh is saturated.
  static void lower_biases(FdrlNet& network) {
    const torch::NoGradGuard no_grad;
    for (auto& p : network->intra_rm->named_parameters())
      if (p.key().ends_with(".bias")) p.value().sub_(7);
  }
  FdrlOutput output(FdrlNet network, bool training) const {
    network->train(training);
    return network->forward(scribe_.input("input"));
  }
  /// The file keeps only part of the last set.
  void add(const std::string& name, const at::Tensor& value) {
    if (prefix_ != kMean || scribe_.has(prefix_ + name)) scribe_.output(prefix_ + name, value);
  }
  void add_gradient(const std::string& name, const at::Tensor& value) { scribe_.gradient(prefix_ + name, value); }
  void evaluate();
  void evaluate_skip_message();
  void train();
  void add_gradients(const FdrlNet& network, const at::Tensor& classification, const at::Tensor& total,
                     const at::Tensor& latent_centers, const at::Tensor& weight_centers);

  static constexpr const char* kSmall = "small.";
  static constexpr const char* kMean = "mean.";
  FdrlConfig config_;
  method::GoldenScribe& scribe_;
  std::string prefix_;
};

void Set::evaluate_skip_message() {
  const torch::NoGradGuard no_grad;
  FdrlConfig message = config_;
  message.skip = Skip::message;
  add("eval.logits_skip_message", output(net(message), false).logits);
}

void Set::evaluate() {
  const torch::NoGradGuard no_grad;
  const FdrlOutput out = output(net(config_), false);
  add("eval.basic", out.basic);
  add("eval.latent", out.parts.latent);
  add("eval.intra_weights", out.parts.intra_weights);
  add("eval.intra", out.parts.intra);
  add("eval.messages", out.parts.messages);
  add("eval.inter_weights", out.parts.inter_weights);
  add("eval.inter", out.parts.inter);
  add("eval.expression", out.parts.expression);
  add("eval.logits", out.logits);
}

void Set::train() {
  const at::Tensor labels = scribe_.input("labels");
  const FdrlNet network = net(config_);
  const FdrlOutput out = output(network, true);
  const Reconstruction& r = out.parts;
  const at::Tensor c = scribe_.parameter("compactness.centers", {r.latent.size(1), r.latent.size(2)});
  const at::Tensor u = scribe_.parameter("distribution.centers", {out.logits.size(1), r.latent.size(1)});
  const at::Tensor hard = at::one_hot(labels, out.logits.size(1)).to(at::kFloat);
  const method::Losses losses{
      {"classification", nn::cross_entropy(out.logits, hard), 1},
      {"compactness", compactness_loss(r.latent, c), config_.lambda_compactness},
      {"balance", balance_loss(r.intra_weights, false), config_.lambda_balance},
      {"distribution", distribution_loss(r.intra_weights, labels, u), config_.lambda_distribution}};
  add("train.latent", r.latent);
  add("train.intra_weights", r.intra_weights);
  add("train.inter_weights", r.inter_weights);
  add("train.expression", r.expression);
  add("train.logits", out.logits);
  scribe_.losses(prefix_ + "train.loss", losses);
  add_gradients(network, losses.front().value, method::total(losses), c, u);
  at::Tensor next_c = c.detach().clone(), next_u = u.detach().clone();
  move_latent_centers(next_c, r.latent, config_.center_rate);
  move_weight_centers(next_u, r.intra_weights, labels, config_.center_rate);
  add("train.centers_next.compactness", next_c);
  add("train.centers_next.distribution", next_u);
}

void Set::add_gradients(const FdrlNet& network, const at::Tensor& classification, const at::Tensor& total,
                        const at::Tensor& latent_centers, const at::Tensor& weight_centers) {
  std::vector<std::string> names;
  std::vector<at::Tensor> leaves;
  for (const auto& p : network->named_parameters()) {
    names.push_back(p.key());
    leaves.push_back(p.value());
  }
  const auto by_label = torch::autograd::grad({classification}, leaves, {}, /*retain_graph=*/true);
  for (std::size_t i = 0; i < names.size(); ++i) add_gradient("train.grad_classification." + names[i], by_label[i]);
  names.insert(names.end(), {"compactness.centers", "distribution.centers"});
  leaves.insert(leaves.end(), {latent_centers, weight_centers});
  const auto of_total = torch::autograd::grad({total}, leaves);
  for (std::size_t i = 0; i < names.size(); ++i) {
    add_gradient("train.grad." + names[i], of_total[i]);
    add_gradient("train.gradnorm." + names[i], of_total[i].to(at::kDouble).norm().to(at::kFloat));
  }
}

FdrlConfig configuration(const method::GoldenScribe& scribe) {
  FdrlConfig config;
  config.intra_norm = IntraNorm::sum;
  config.num_latent = static_cast<int>(scribe.number("num_latent"));
  config.latent_dim = static_cast<int>(scribe.number("latent_dim"));
  config.delta = scribe.number("delta");
  config.lambda_compactness = scribe.number("lambda_compactness");
  config.lambda_balance = scribe.number("lambda_balance");
  config.lambda_distribution = scribe.number("lambda_distribution");
  config.center_rate = scribe.number("center_rate");
  return config;
}

}  // namespace

void golden(method::GoldenScribe& scribe) {
  const FdrlConfig sum = configuration(scribe);
  FdrlConfig mean = sum;
  mean.intra_norm = IntraNorm::mean;
  Set(sum, scribe, "").run();
  Set(sum, scribe, "small.").run();
  Set(mean, scribe, "mean.").run();
}

}  // namespace mien::methods::fdrl
