// SPDX-License-Identifier: Apache-2.0
// Ada-DF's golden file: both branches in evaluation and training mode, the rescaled weights, targets, losses,
// gradients.
#include "mien/method/golden_scribe.h"
#include "mien/methods/ada_df/class_distribution.h"
#include "mien/methods/ada_df/loss.h"

namespace mien::methods::ada_df {
namespace {

AdaDfConfig configuration(const method::GoldenScribe& scribe) {
  AdaDfConfig config;
  config.threshold = scribe.number("threshold");
  config.rank_margin = scribe.number("margin");
  config.rank_share = scribe.number("tops");
  config.w_min = scribe.number("min_weight");
  config.w_max = scribe.number("max_weight");
  return config;
}

void evaluate(method::GoldenScribe& scribe, AdaDfNet& network) {
  const torch::NoGradGuard no_grad;
  network->eval();
  const AdaDfOutput out = network->forward(scribe.input("input"));
  scribe.output("eval.logits_auxiliary", out.auxiliary.logits);
  scribe.output("eval.logits_target", out.target.logits);
  scribe.output("eval.attention", out.attention);
}

void train(method::GoldenScribe& scribe, AdaDfNet& network, const AdaDfConfig& config, const at::Tensor& table) {
  network->train();  // the frozen part too: its norms use the batch's statistics
  for (auto& parameter : network->feature->parameters()) parameter.requires_grad_(false);
  const at::Tensor labels = scribe.input("labels");
  const AdaDfOutput out = network->forward(scribe.input("input"));
  const AdaDfLosses l = compute_losses(config, out, labels, table, labels.size(0));
  const method::Losses losses{
      {"cross_entropy", l.cross_entropy, 1}, {"kl", l.kl, 0.5}, {"rank", l.rank, 1}};  // the file's weights
  method::total(losses).backward();
  scribe.output("train.logits_auxiliary", out.auxiliary.logits);
  scribe.output("train.logits_target", out.target.logits);
  scribe.output("train.attention", out.attention);
  scribe.output("train.attention_rescaled", l.weights);
  scribe.output("train.targets", l.targets);
  scribe.losses("train.loss", losses);
  scribe.gradients("train.grad", *network);
}

}  // namespace

void golden(method::GoldenScribe& scribe) {
  const AdaDfConfig config = configuration(scribe);
  AdaDfNet network(config, scribe.num_classes(), 3);
  scribe.fill(*network);
  const at::Tensor table = threshold_table(scribe.num_classes(), config.threshold, 1 - config.threshold);
  scribe.output("class_distributions", table);
  evaluate(scribe, network);
  train(scribe, network, config, table);
}

}  // namespace mien::methods::ada_df
