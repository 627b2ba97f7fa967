// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fdrl/config.h"

#include "mien/nn/resnet.h"

namespace mien::methods::fdrl {

FdrlConfig::FdrlConfig() {
  optimiser.kind = method::OptimiserKind::adam;
  optimiser.rate = 1e-4;
  optimiser.beta1 = 0.5;
  optimiser.weight_decay = 0;
  optimiser.schedule.kind = method::ScheduleKind::multistep;
  optimiser.schedule.milestones = {10, 18, 25, 32};
  optimiser.schedule.gamma = 0.1;
}

void declare(Fields& f, FdrlConfig& c) {
  method::declare_width(f, c.width);
  f.add("model.fdn", c.fdn, "decompose the feature; false: backbone and one linear layer (the baseline)",
        "paper section 3.2");
  f.add("model.intra", c.intra, "weight each latent feature; false: equal weights, without the losses on the weights",
        "paper section 3.3");
  f.add("model.inter", c.inter, "exchange messages between the latent features", "paper section 3.3");
  f.add("model.num_latent", c.num_latent, "number M of latent features", "paper section 4").range(2, 64);
  f.add("model.latent_dim", c.latent_dim, "size D of each latent feature", "paper section 4").range(1, 4096);
  f.add("model.delta", c.delta, "share of the intra-aware feature in the importance-aware one", "paper section 3.3")
      .range(0, 1);
  f.add("model.intra_norm", c.intra_norm,
        "weight of a latent feature: mean of its sigmoids, or their sum (the L1 norm as printed, which needs a "
        "backbone pretrained on faces)",
        "card section 3");
  f.add("model.skip", c.skip, "input of delta: the intra-aware feature, or the message computed from it",
        "paper figure 2; message: re-implementation");
  f.add("model.distance", c.distance, "distance of two messages, inside the tanh of the inter weight",
        "paper section 3.3; cosine is mien's addition");
  f.add("model.dropout", c.dropout, "dropout before the classifier, only in training").range(0, 0.95);
  f.add("loss.lambda_compactness", c.lambda_compactness, "weight of the compactness loss", "paper section 4")
      .range(0, 1e6);
  f.add("loss.lambda_balance", c.lambda_balance, "weight of the balance loss", "paper section 4").range(0, 1e6);
  f.add("loss.lambda_distribution", c.lambda_distribution, "weight of the distribution loss", "paper section 4")
      .range(0, 1e6);
  f.add("loss.balance_reduction", c.balance_reduction,
        "L1 norm of the batch's mean weights, or, as in the re-implementation, this norm times the number of rows in "
        "the batch",
        "card section 8");
  f.add("loss.centers", c.centers,
        "update of the centres: by the rule of centre loss, by gradient, or not after the first batch",
        "card section 3");
  f.add("loss.center_rate", c.center_rate, "rate of the centre loss rule", "card section 3").range(0, 1);
  method::declare_votes(f, c.votes);
  f.add("augment", c.augment,
        "training pictures: paper (crop 224 of 236 and flip; prediction uses the centre), the authors' recipes for "
        "SFEW (also rotation and colour jitter) and for laboratory sets (only crops), reimplementation, mien's FER+ "
        "recipe, or none",
        "card section 4");
  method::declare_common(f, c, nn::kBackboneHelp);
}

}  // namespace mien::methods::fdrl
