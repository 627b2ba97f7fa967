// SPDX-License-Identifier: Apache-2.0
// DNFER's golden file: logits, the selection of both views, the losses of the June 2022 form, gradient norms.
#include "mien/method/golden_scribe.h"
#include "mien/methods/dnfer/loss.h"
#include "mien/methods/dnfer/network.h"

namespace mien::methods::dnfer {
namespace {

at::Tensor evaluate(DnferNet& network, const at::Tensor& input) {
  const torch::NoGradGuard no_grad;
  network->eval();
  return network->forward(input).logits;
}

/// Statistics of the first norm, after the weak and the strong forward call.
void record_statistics(method::GoldenScribe& scribe, const DnferNet& network) {
  const auto buffers = network->named_buffers();
  scribe.output("train.bn1.running_mean.first_four", buffers["bn1.running_mean"].slice(0, 0, 4));
  scribe.output("train.bn1.num_batches_tracked", buffers["bn1.num_batches_tracked"]);
}

void train(method::GoldenScribe& scribe, DnferNet& network, const DnferConfig& config) {
  network->train();
  const at::Tensor labels = scribe.input("labels");
  const at::Tensor weak = network->forward(scribe.input("input")).logits;
  const at::Tensor strong = network->forward(scribe.input("input_strong")).logits;  // in this order: trap 6
  const auto selected = [&](const at::Tensor& logits) {
    const at::Tensor p = probabilities(logits);
    return select(config, p, labels, batch_thresholds(p));
  };
  const Selection of_weak = selected(weak), of_strong = selected(strong);
  const DnferLosses l = compute_losses(config, weak, strong, labels, of_weak, of_strong, /*warm=*/false);
  const at::Tensor total =
      method::total({{"supervised", l.supervised, 1 - config.alpha}, {"consistency", l.consistency, config.alpha}});
  total.backward();
  scribe.output("train.logits_weak", weak);
  scribe.output("train.logits_strong", strong);
  scribe.output("train.threshold_weak", of_weak.thresholds);
  scribe.output("train.threshold_strong", of_strong.thresholds);
  scribe.output("train.clean_weak", of_weak.clean.to(at::kLong));
  scribe.output("train.clean_strong", of_strong.clean.to(at::kLong));
  scribe.output("train.loss.supervised_weak", l.supervised_weak);
  scribe.output("train.loss.supervised_strong", l.supervised_strong);
  scribe.output("train.loss.consistency", l.consistency);
  scribe.output("train.loss.total", total);
  for (const auto& p : network->named_parameters())
    scribe.gradient("train.grad_norm." + p.key(), p.value().grad().norm());
  scribe.gradient("train.grad.classifier.bias", network->classifier->bias.grad());
  record_statistics(scribe, network);
}

}  // namespace

void golden(method::GoldenScribe& scribe) {
  const DnferConfig config;
  DnferNet network(config, scribe.num_classes(), 3);
  scribe.fill(*network);
  scribe.output("eval.logits", evaluate(network, scribe.input("input")));
  train(scribe, network, config);
}

}  // namespace mien::methods::dnfer
