// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fdrl/golden.h"

#include "mien/method/golden_file.h"
#include "mien/methods/fdrl/loss.h"
#include "mien/nn/cross_entropy.h"
#include "mien/nn/state.h"

namespace mien::methods::fdrl {
namespace {

/// One of the three sets of the file.
class Set {
 public:
  Set(FdrlConfig config, const nn::TensorFile& golden, std::string prefix, method::GoldenRun& run)
      : config_(std::move(config)), golden_(golden), prefix_(std::move(prefix)), run_(run) {}

  void run() {
    run_eval(net());
    FdrlConfig message = config_;
    message.skip = "message";
    std::swap(message, config_);
    add("eval.logits_skip_message", output(net(), false).logits);
    std::swap(message, config_);
    run_train(net());
  }

 private:
  FdrlNet net() const {
    FdrlNet network(config_, static_cast<std::int64_t>(method::number_in(golden_, "num_classes")), 3);
    const std::string salt = golden_.metadata.at("salt");
    nn::fill_by_formula(*network, salt);
    if (prefix_ == "small.") {
      const torch::NoGradGuard no_grad;
      for (auto& p : network->intra_rm->named_parameters())
        if (p.key().ends_with(".bias")) p.value().sub_(7);
    }
    return network;
  }
  FdrlOutput output(FdrlNet network, bool training) const {
    network->train(training);
    return network->forward(golden_.at("input"));
  }
  void add(const std::string& name, const at::Tensor& value) { run_.emplace_back(prefix_ + name, value); }
  void run_eval(FdrlNet network);
  void run_train(FdrlNet network);

  FdrlConfig config_;
  const nn::TensorFile& golden_;
  std::string prefix_;
  method::GoldenRun& run_;
};

void Set::run_eval(FdrlNet network) {
  const torch::NoGradGuard no_grad;
  const FdrlOutput out = output(std::move(network), false);
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

void Set::run_train(FdrlNet network) {
  const at::Tensor labels = golden_.at("labels");
  const std::string salt = golden_.metadata.at("salt");
  const FdrlOutput out = output(network, true);
  const Reconstruction& r = out.parts;
  at::Tensor c =
      nn::formula_tensor(salt, "compactness.centers", {r.latent.size(1), r.latent.size(2)}).requires_grad_(true);
  at::Tensor u =
      nn::formula_tensor(salt, "distribution.centers", {out.logits.size(1), r.latent.size(1)}).requires_grad_(true);
  const at::Tensor classification =
      nn::cross_entropy(out.logits, at::one_hot(labels, out.logits.size(1)).to(at::kFloat));
  const at::Tensor compactness = compactness_loss(r.latent, c), balance = balance_loss(r.intra_weights, false),
                   distribution = distribution_loss(r.intra_weights, labels, u);
  const at::Tensor total = classification + compactness * config_.lambda_compactness +
                           balance * config_.lambda_balance + distribution * config_.lambda_distribution;
  add("train.latent", r.latent);
  add("train.intra_weights", r.intra_weights);
  add("train.inter_weights", r.inter_weights);
  add("train.expression", r.expression);
  add("train.logits", out.logits);
  add("train.loss.classification", classification);
  add("train.loss.compactness", compactness);
  add("train.loss.balance", balance);
  add("train.loss.distribution", distribution);
  add("train.loss.total", total);
  std::vector<std::string> names;
  std::vector<at::Tensor> leaves;
  for (const auto& p : network->named_parameters()) {
    names.push_back(p.key());
    leaves.push_back(p.value());
  }
  const auto by_label = torch::autograd::grad({classification}, leaves, {}, /*retain_graph=*/true);
  for (std::size_t i = 0; i < names.size(); ++i) add("train.grad_classification." + names[i], by_label[i]);
  names.insert(names.end(), {"compactness.centers", "distribution.centers"});
  leaves.insert(leaves.end(), {c, u});
  const auto of_total = torch::autograd::grad({total}, leaves);
  for (std::size_t i = 0; i < names.size(); ++i) {
    add("train.grad." + names[i], of_total[i]);
    add("train.gradnorm." + names[i], of_total[i].to(at::kDouble).norm().to(at::kFloat));
  }
  at::Tensor next_c = c.detach().clone(), next_u = u.detach().clone();
  move_latent_centers(next_c, r.latent, config_.center_rate);
  move_weight_centers(next_u, r.intra_weights, labels, config_.center_rate);
  add("train.centers_next.compactness", next_c);
  add("train.centers_next.distribution", next_u);
}

}  // namespace

FdrlConfig golden_config(const nn::TensorFile& golden) {
  FdrlConfig config;
  config.intra_norm = "sum";
  config.num_latent = static_cast<int>(method::number_in(golden, "num_latent"));
  config.latent_dim = static_cast<int>(method::number_in(golden, "latent_dim"));
  config.delta = method::number_in(golden, "delta");
  config.lambda_compactness = method::number_in(golden, "lambda_compactness");
  config.lambda_balance = method::number_in(golden, "lambda_balance");
  config.lambda_distribution = method::number_in(golden, "lambda_distribution");
  config.center_rate = method::number_in(golden, "center_rate");
  return config;
}

method::GoldenRun run_golden(const FdrlConfig& config, const nn::TensorFile& golden) {
  method::GoldenRun run;
  FdrlConfig mean = config;
  mean.intra_norm = "mean";
  Set(config, golden, "", run).run();
  Set(config, golden, "small.", run).run();
  Set(mean, golden, "mean.", run).run();
  return run;
}

}  // namespace mien::methods::fdrl
