// SPDX-License-Identifier: Apache-2.0
// Card section 9: on 32 pictures, four per class, Adam 1e-3, one batch per step, 40 steps: 100 % in both modes,
// cross-entropy below 0.40, affinity below half of its start. The pictures are generated here.
#include <gtest/gtest.h>

#include "mien/methods/dan/loss.h"
#include "mien/methods/dan/network.h"
#include "mien/nn/cross_entropy.h"

namespace mien::methods::dan {
namespace {

/// 32 noisy pictures, four of each of eight classes, each class a bright bar at its own height. (32,3,64,64)
at::Tensor bars(const at::Tensor& labels) {
  at::Tensor images = torch::randn({32, 3, 64, 64}) * 0.5;
  for (int i = 0; i < 32; ++i) {
    const auto row = labels[i].item<std::int64_t>() * 8;
    images[i].slice(1, row, row + 8) += 1.5;
  }
  return images;
}

TEST(Dan, OverfitsThirtyTwoPictures) {
  torch::manual_seed(0);
  const at::Tensor labels = torch::arange(32, at::kLong).remainder(8);
  const at::Tensor images = bars(labels), hard = at::one_hot(labels, 8).to(at::kFloat);
  DanNet net(DanConfig{}, 8, 3);
  initialise(net);
  AffinityLoss affinity(8, 512);
  auto parameters = net->parameters();
  parameters.push_back(affinity->centers);
  torch::optim::Adam adam(parameters, torch::optim::AdamOptions(1e-3));
  double cross_entropy = 0, affinity_first = 0, affinity_last = 0;
  bool all_right_in_training = false;
  for (int step = 0; step <= 40; ++step) {
    net->train();
    const DanOutput out = net->forward(images);
    const at::Tensor ce = nn::cross_entropy(out.logits, hard), af = affinity->forward(out.features, labels);
    cross_entropy = ce.item<double>();
    affinity_last = af.item<double>();
    if (step == 0) affinity_first = affinity_last;
    all_right_in_training = out.logits.argmax(1).equal(labels);
    adam.zero_grad();
    (ce + af + partition_loss(out.heads)).backward();
    adam.step();
  }
  EXPECT_TRUE(all_right_in_training);
  EXPECT_LT(cross_entropy, 0.40);
  EXPECT_LT(affinity_last, affinity_first / 2);
  net->eval();
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(net->forward(images).logits.argmax(1).equal(labels));
}

}  // namespace
}  // namespace mien::methods::dan
