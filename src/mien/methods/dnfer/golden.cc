// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dnfer/golden.h"

#include "mien/method/losses.h"
#include "mien/nn/state.h"

namespace mien::methods::dnfer {
namespace {

at::Tensor run_eval(DnferNet& network, const at::Tensor& input) {
  const torch::NoGradGuard no_grad;
  network->eval();
  return network->forward(input).logits;
}

void run_train(DnferNet& network, const DnferConfig& config, const nn::TensorFile& golden, method::GoldenRun& run) {
  network->train();
  network->zero_grad();
  const at::Tensor labels = golden.at("labels");
  const at::Tensor weak = network->forward(golden.at("input")).logits,
                   strong = network->forward(golden.at("input_strong")).logits;  // in this order: trap 6
  const auto selected = [&](const at::Tensor& logits) {
    const at::Tensor p = probabilities(logits);
    return select(config, p, labels, batch_thresholds(p));
  };
  const Selection of_weak = selected(weak), of_strong = selected(strong);
  const DnferLosses l = compute_losses(config, weak, strong, labels, of_weak, of_strong, /*warm=*/false);
  const at::Tensor total =
      method::total({{"supervised", l.supervised, 1 - config.alpha}, {"consistency", l.consistency, config.alpha}});
  total.backward();
  run.emplace_back("train.logits_weak", weak);
  run.emplace_back("train.logits_strong", strong);
  run.emplace_back("train.threshold_weak", of_weak.thresholds);
  run.emplace_back("train.threshold_strong", of_strong.thresholds);
  run.emplace_back("train.clean_weak", of_weak.clean.to(at::kLong));
  run.emplace_back("train.clean_strong", of_strong.clean.to(at::kLong));
  run.emplace_back("train.loss.supervised_weak", l.supervised_weak);
  run.emplace_back("train.loss.supervised_strong", l.supervised_strong);
  run.emplace_back("train.loss.consistency", l.consistency);
  run.emplace_back("train.loss.total", total);
  for (const auto& p : network->named_parameters())
    run.emplace_back("train.grad_norm." + p.key(), p.value().grad().norm());
  run.emplace_back("train.grad.classifier.bias", network->classifier->bias.grad());
  for (const auto& b : network->named_buffers()) {
    if (b.key() == "bn1.running_mean") run.emplace_back("train.bn1.running_mean.first_four", b.value().slice(0, 0, 4));
    if (b.key() == "bn1.num_batches_tracked") run.emplace_back("train.bn1.num_batches_tracked", b.value());
  }
}

}  // namespace

method::GoldenRun run_golden(DnferNet& network, const DnferConfig& config, const nn::TensorFile& golden) {
  nn::fill_by_formula(*network, golden.metadata.at("salt"));
  method::GoldenRun run;
  run.emplace_back("eval.logits", run_eval(network, golden.at("input")));
  run_train(network, config, golden, run);
  return run;
}

}  // namespace mien::methods::dnfer
