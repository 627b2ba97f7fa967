// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/golden.h"

#include "mien/method/golden_file.h"
#include "mien/nn/cross_entropy.h"
#include "mien/nn/state.h"

namespace mien::methods::dan {
namespace {

void run_eval(DanNet& network, AffinityLoss& affinity, const at::Tensor& input, const at::Tensor& labels,
              method::GoldenRun& run) {
  const torch::NoGradGuard no_grad;
  network->eval();
  const DanOutput out = network->forward(input);
  run.emplace_back("eval.logits", out.logits);
  run.emplace_back("eval.features", out.features);
  run.emplace_back("eval.heads", out.heads);
  run.emplace_back("eval.loss.affinity", affinity->forward(out.features, labels));
  run.emplace_back("eval.loss.partition", partition_loss(out.heads));
}

void run_train(DanNet& network, AffinityLoss& affinity, const at::Tensor& input, const at::Tensor& labels,
               method::GoldenRun& run) {
  network->train();
  network->zero_grad();
  const DanOutput out = network->forward(input);
  const at::Tensor hard = at::one_hot(labels, out.logits.size(1)).to(at::kFloat);
  const method::Losses losses{{"cross_entropy", nn::cross_entropy(out.logits, hard)},
                              {"affinity", affinity->forward(out.features, labels)},
                              {"partition", partition_loss(out.heads)}};
  const at::Tensor total = method::total(losses);
  total.backward();
  run.emplace_back("train.logits", out.logits);
  for (const auto& term : losses) run.emplace_back("train.loss." + term.name, term.value);
  run.emplace_back("train.loss.total", total);
  for (const auto& p : network->named_parameters()) run.emplace_back("train.grad." + p.key(), p.value().grad());
  run.emplace_back("train.grad.affinity.centers", affinity->centers.grad());
}

}  // namespace

DanConfig golden_config(const nn::TensorFile& golden) {
  DanConfig config;
  config.heads = static_cast<int>(method::number_in(golden, "num_heads"));
  return config;
}

method::GoldenRun run_golden(DanNet& network, AffinityLoss& affinity, const nn::TensorFile& golden) {
  const std::string salt = golden.metadata.at("salt");
  nn::fill_by_formula(*network, salt);
  {
    const torch::NoGradGuard no_grad;
    affinity->centers.copy_(nn::formula_tensor(salt, "affinity.centers", affinity->centers.sizes()));
  }
  method::GoldenRun run;
  run_eval(network, affinity, golden.at("input"), golden.at("labels"), run);
  run_train(network, affinity, golden.at("input"), golden.at("labels"), run);
  return run;
}

}  // namespace mien::methods::dan
