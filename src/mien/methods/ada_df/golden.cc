// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/golden.h"

#include "mien/method/golden_file.h"
#include "mien/nn/state.h"

namespace mien::methods::ada_df {
namespace {

void run_eval(AdaDfNet& network, const at::Tensor& input, method::GoldenRun& run) {
  const torch::NoGradGuard no_grad;
  network->eval();
  const AdaDfOutput out = network->forward(input);
  run.emplace_back("eval.logits_auxiliary", out.auxiliary.logits);
  run.emplace_back("eval.logits_target", out.target.logits);
  run.emplace_back("eval.attention", out.attention);
}

void run_train(AdaDfNet& network, const AdaDfConfig& config, const at::Tensor& table, const at::Tensor& input,
               const at::Tensor& labels, method::GoldenRun& run) {
  network->train();  // the frozen part too: its norms use the batch's statistics
  network->zero_grad();
  for (auto& parameter : network->feature->parameters()) parameter.requires_grad_(false);
  const AdaDfOutput out = network->forward(input);
  const AdaDfLosses l = compute_losses(config, out, labels, table, labels.size(0));
  const at::Tensor total = method::total(
      {{"cross_entropy", l.cross_entropy, 1}, {"kl", l.kl, 0.5}, {"rank", l.rank, 1}});  // the file's weights
  total.backward();
  run.emplace_back("train.logits_auxiliary", out.auxiliary.logits);
  run.emplace_back("train.logits_target", out.target.logits);
  run.emplace_back("train.attention", out.attention);
  run.emplace_back("train.attention_rescaled", l.weights);
  run.emplace_back("train.targets", l.targets);
  run.emplace_back("train.loss.cross_entropy", l.cross_entropy);
  run.emplace_back("train.loss.kl", l.kl);
  run.emplace_back("train.loss.rank", l.rank);
  run.emplace_back("train.loss.total", total);
  for (const auto& p : network->named_parameters())
    if (p.value().grad().defined()) run.emplace_back("train.grad." + p.key(), p.value().grad());
}

}  // namespace

AdaDfConfig golden_config(const nn::TensorFile& golden) {
  AdaDfConfig config;
  config.threshold = method::number_in(golden, "threshold");
  config.rank_margin = method::number_in(golden, "margin");
  config.rank_share = method::number_in(golden, "tops");
  config.w_min = method::number_in(golden, "min_weight");
  config.w_max = method::number_in(golden, "max_weight");
  return config;
}

method::GoldenRun run_golden(AdaDfNet& network, const AdaDfConfig& config, const at::Tensor& table,
                             const nn::TensorFile& golden) {
  nn::fill_by_formula(*network, golden.metadata.at("salt"));
  method::GoldenRun run;
  run.emplace_back("class_distributions", table);
  run_eval(network, golden.at("input"), run);
  run_train(network, config, table, golden.at("input"), golden.at("labels"), run);
  return run;
}

}  // namespace mien::methods::ada_df
