// SPDX-License-Identifier: Apache-2.0
// DAN's golden file: the reference network in evaluation and training mode, losses and gradients.
#include "mien/method/golden_scribe.h"
#include "mien/methods/dan/loss.h"
#include "mien/methods/dan/network.h"
#include "mien/nn/cross_entropy.h"

namespace mien::methods::dan {
namespace {

void evaluate(method::GoldenScribe& scribe, DanNet& network, AffinityLoss& affinity) {
  const torch::NoGradGuard no_grad;
  network->eval();
  const DanOutput out = network->forward(scribe.input("input"));
  scribe.output("eval.logits", out.logits);
  scribe.output("eval.features", out.features);
  scribe.output("eval.heads", out.heads);
  scribe.output("eval.loss.affinity", affinity->forward(out.features, scribe.input("labels")));
  scribe.output("eval.loss.partition", partition_loss(out.heads));
}

void train(method::GoldenScribe& scribe, DanNet& network, AffinityLoss& affinity) {
  network->train();
  const at::Tensor labels = scribe.input("labels");
  const DanOutput out = network->forward(scribe.input("input"));
  const at::Tensor hard = at::one_hot(labels, out.logits.size(1)).to(at::kFloat);
  const method::Losses losses{{"cross_entropy", nn::cross_entropy(out.logits, hard)},
                              {"affinity", affinity->forward(out.features, labels)},
                              {"partition", partition_loss(out.heads)}};
  method::total(losses).backward();
  scribe.output("train.logits", out.logits);
  scribe.losses("train.loss", losses);
  scribe.gradients("train.grad", *network);
  scribe.gradient("train.grad.affinity.centers", affinity->centers.grad());
}

}  // namespace

void golden(method::GoldenScribe& scribe) {
  DanConfig config;
  config.heads = static_cast<int>(scribe.number("num_heads"));
  DanNet network(config, scribe.num_classes(), 3);
  AffinityLoss affinity(scribe.num_classes(), network->feature_channels());
  scribe.fill(*network);
  affinity->centers.set_data(scribe.parameter("affinity.centers", affinity->centers.sizes()));
  evaluate(scribe, network, affinity);
  train(scribe, network, affinity);
}

}  // namespace mien::methods::dan
