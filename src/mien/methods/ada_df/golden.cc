// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/golden.h"

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/tensor/state.h"

namespace mien::methods::ada_df {
namespace {

double number_in(const tensor::TensorFile& golden, const std::string& key) {
  const auto found = golden.metadata.find(key);
  const auto value = found == golden.metadata.end() ? std::nullopt : parse_double(found->second);
  check_input(value.has_value(), text(golden.origin, ": metadata lacks the number ", quote(key), "."));
  return *value;
}

void run_eval(AdaDfNet& network, const at::Tensor& input, model::GoldenRun& run) {
  const torch::NoGradGuard no_grad;
  network->eval();
  const AdaDfOutput out = network->forward(input);
  run.emplace_back("eval.logits_auxiliary", out.auxiliary.logits);
  run.emplace_back("eval.logits_target", out.target.logits);
  run.emplace_back("eval.attention", out.attention);
}

void run_train(AdaDfNet& network, const AdaDfConfig& config, const at::Tensor& table, const at::Tensor& input, const at::Tensor& labels, model::GoldenRun& run) {
  network->train();  // the frozen part too: its norms use the batch's statistics
  network->zero_grad();
  for (auto& parameter : network->feature->parameters()) parameter.requires_grad_(false);
  const AdaDfOutput out = network->forward(input);
  const AdaDfLosses l = compute_losses(config, out, labels, table, labels.size(0));
  const at::Tensor total = model::total({{"cross_entropy", l.cross_entropy, 1}, {"kl", l.kl, 0.5}, {"rank", l.rank, 1}});  // the file's weights
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

AdaDfConfig golden_config(const tensor::TensorFile& golden) {
  AdaDfConfig config;
  config.threshold = number_in(golden, "threshold");
  config.rank_margin = number_in(golden, "margin");
  config.rank_share = number_in(golden, "tops");
  config.w_min = number_in(golden, "min_weight");
  config.w_max = number_in(golden, "max_weight");
  return config;
}

model::DataFacts golden_facts(const tensor::TensorFile& golden) {
  model::DataFacts facts;
  for (int i = 0; i < static_cast<int>(number_in(golden, "num_classes")); ++i) facts.classes.push_back("class" + std::to_string(i));
  facts.input.channels = 3;
  facts.input.mean = {0.485f, 0.456f, 0.406f};
  facts.input.std = {0.229f, 0.224f, 0.225f};
  return facts;
}

model::GoldenRun run_golden(AdaDfNet& network, const AdaDfConfig& config, const at::Tensor& table, const tensor::TensorFile& golden) {
  tensor::fill_by_formula(*network, golden.metadata.at("salt"));
  model::GoldenRun run;
  run.emplace_back("class_distributions", table);
  run_eval(network, golden.at("input"), run);
  run_train(network, config, table, golden.at("input"), golden.at("labels"), run);
  return run;
}

}  // namespace mien::methods::ada_df
