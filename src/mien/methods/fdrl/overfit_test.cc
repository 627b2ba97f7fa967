// SPDX-License-Identifier: Apache-2.0
// Card section 9: 32 random pictures of 32 pixels, the paper's Adam at 1e-3 (beta1 = 0.5: with 0.9 the weights
// overshoot and the fit is lost again, in PyTorch as here) and weights, the printed sum. The card's target holds from
// LibTorch's default convolutions: all correct in training mode from step 20 on; at step 75 the mean weight
// within 5 % of 1/9 and the balance loss below 0.05. With the method's He-normal start the fit comes later and
// the weights are less even; see README.md.
#include <gtest/gtest.h>

#include "mien/methods/fdrl/loss.h"
#include "mien/methods/fdrl/network.h"
#include "mien/nn/cross_entropy.h"

namespace mien::methods::fdrl {
namespace {

struct Fit {
  int right_from = 0;  ///< step from which on all pictures are right
  double balance = 0, mean_weight = 0;
};

Fit fit(bool own_start) {
  torch::manual_seed(0);
  FdrlConfig config;
  config.intra_norm = IntraNorm::sum;
  const at::Tensor images = torch::randn({32, 3, 32, 32}), labels = torch::arange(32, at::kLong).remainder(7);
  const at::Tensor target = at::one_hot(labels, 7).to(at::kFloat);
  FdrlNet net(config, 7, 3);
  if (own_start) initialise(net);
  at::Tensor c, u;
  torch::optim::Adam adam(net->parameters(), torch::optim::AdamOptions(1e-3).betas({0.5, 0.999}));
  net->train();
  Fit result;
  for (int step = 1; step <= 75; ++step) {
    const FdrlOutput out = net->forward(images);
    const Reconstruction& r = out.parts;
    if (!c.defined()) {
      c = r.latent.detach().mean(0);
      u = r.intra_weights.detach().mean().expand({7, 9}).clone();
    }
    const at::Tensor balance = balance_loss(r.intra_weights, false);
    adam.zero_grad();
    (nn::cross_entropy(out.logits, target) + compactness_loss(r.latent, c) * 1e-4 + balance +
     distribution_loss(r.intra_weights, labels, u) * 1e-4)
        .backward();
    adam.step();
    move_latent_centers(c, r.latent, 0.5);
    move_weight_centers(u, r.intra_weights, labels, 0.5);
    result.balance = balance.item<double>();
    result.mean_weight = r.intra_weights.mean().item<double>();
    if ((out.logits.argmax(1) == labels).sum().item<std::int64_t>() < 32) result.right_from = step + 1;
  }
  return result;
}

TEST(Fdrl, OverfitsThirtyTwoPicturesAndBalancesItsWeights) {
  const Fit result = fit(/*own_start=*/false);
  EXPECT_LE(result.right_from, 20);
  EXPECT_NEAR(result.mean_weight, 1.0 / 9, 0.05 / 9);
  EXPECT_LT(result.balance, 0.05);
}

TEST(Fdrl, OverfitsFromItsOwnStartLaterAndLessEvenly) {
  const Fit result = fit(/*own_start=*/true);
  EXPECT_LE(result.right_from, 25);
  EXPECT_NEAR(result.mean_weight, 1.0 / 9, 0.1 / 9);
  EXPECT_LT(result.balance, 0.1);
}

}  // namespace
}  // namespace mien::methods::fdrl
