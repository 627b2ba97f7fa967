// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dnfer/config.h"

#include "mien/nn/resnet.h"

namespace mien::methods::dnfer {

DnferConfig::DnferConfig() {
  optimiser.kind = method::OptimiserKind::adam;
  optimiser.rate = 1e-3;
  optimiser.weight_decay = 0;
  optimiser.schedule.kind = method::ScheduleKind::exponential;
  optimiser.schedule.gamma = 0.95;
}

void declare(Fields& f, DnferConfig& c) {
  method::declare_width(f, c.width);
  f.add("loss.warmup_epochs", c.warmup_epochs,
        "epochs of cross-entropy on all samples and views before anything is selected", "reference code")
      .range(0, 1000000);
  f.add("loss.alpha", c.alpha, "weight of the consistency of the two views; the supervised loss has 1 - alpha",
        "reference code")
      .range(0, 1);
  f.add("loss.select", c.select,
        "which samples are supervised: probability of the label at or above the class's mean (dynamic), at or above "
        "loss.fixed_threshold, or all",
        "paper");
  f.add("loss.fixed_threshold", c.fixed_threshold, "probability that a label must reach with loss.select = fixed")
      .range(0, 1);
  f.add("loss.threshold_scope", c.threshold_scope,
        "mean of each class over the batch, or over the epoch's batches so far", "paper; epoch is ours");
  f.add("loss.mask", c.mask, "each view selects for itself, or the weak one for both", "reference code");
  f.add("loss.consistency", c.consistency,
        "divergence of the two views' posteriors, on all samples: both Kullback-Leibler directions, Jensen-Shannon, or "
        "none (the supervised loss then has weight 1)",
        "paper");
  f.add("loss.consistency_log_base", c.log_base, "logarithm of the divergence: 2 is 1.44 times e", "reference code");
  f.add("views", c.views, "views of each picture, each through the network in a forward call of its own", "paper");
  f.add("augment", c.augment,
        "weak view: mirror-padded crop and flip, our FER+ recipe, or none, which leaves the strong view plain too",
        "reference code");
  f.add("strong.operations", c.strong.operations,
        "random operations per strong view, after crop and flip, drawn with replacement", "reference code")
      .range(0, 14);
  f.add("strong.level", c.strong.level, "strength of the random operations", "reference code").range(0, 10);
  f.add("strong.probability", c.strong.probability, "that a drawn operation is applied", "reference code").range(0, 1);
  f.add("strong.cutout", c.strong.cutout, "grey square in every strong view: 16 px, a quarter of the side up to 64 px",
        "reference code");
  f.add("reference_quirks", c.reference_quirks,
        "the reference's slips in its views: auto contrast whitens, sharpness wraps, luma weighs red as blue, one crop "
        "corner is never drawn",
        "reference code");
  f.add("optimiser.classifier_rate_factor", c.classifier_rate_factor, "rate of the classifier over that of the rest",
        "reference code")
      .range(0, 1000);
  method::declare_common(f, c, nn::kBackboneHelp);
}

}  // namespace mien::methods::dnfer
