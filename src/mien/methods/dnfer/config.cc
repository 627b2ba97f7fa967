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
        "epochs of cross-entropy on all samples and views before the selection starts", "reference code")
      .range(0, 1000000);
  f.add("loss.alpha", c.alpha, "weight of the consistency of the two views; the supervised loss has weight 1 - alpha",
        "reference code")
      .range(0, 1);
  f.add("loss.select", c.select,
        "supervised samples: those with a label probability at or above the class mean (dynamic), at or above "
        "loss.fixed_threshold, or all",
        "paper");
  f.add("loss.fixed_threshold", c.fixed_threshold, "label probability required with loss.select = fixed").range(0, 1);
  f.add("loss.threshold_scope", c.threshold_scope,
        "class means over the batch, or over all batches of the epoch so far", "paper; epoch is mien's addition");
  f.add("loss.mask", c.mask, "each view selects its own samples, or the weak view selects for both", "reference code");
  f.add("loss.consistency", c.consistency,
        "divergence of the two views' posteriors, on all samples: both Kullback-Leibler directions, Jensen-Shannon, or "
        "none (the supervised loss then has weight 1)",
        "paper");
  f.add("loss.consistency_log_base", c.log_base,
        "base of the logarithm in the divergence: base 2 gives 1.44 times the value of base e", "reference code");
  f.add("views", c.views, "views per picture, each in a separate forward call", "paper");
  f.add("augment", c.augment,
        "weak view: mirror-padded crop and flip, mien's FER+ recipe, or none, which also leaves the strong view "
        "unchanged",
        "reference code");
  f.add("strong.operations", c.strong.operations,
        "number of random operations per strong view, after crop and flip, drawn with replacement", "reference code")
      .range(0, 14);
  f.add("strong.level", c.strong.level, "strength of the random operations", "reference code").range(0, 10);
  f.add("strong.probability", c.strong.probability, "probability that a drawn operation is applied", "reference code")
      .range(0, 1);
  f.add("strong.cutout", c.strong.cutout,
        "grey square in every strong view: 16 px, or a quarter of the side for sides up to 64 px", "reference code");
  f.add("reference_quirks", c.reference_quirks,
        "the reference's mistakes in its views: auto contrast whitens, sharpness wraps around, luma weights red as "
        "blue, one crop corner is never drawn",
        "reference code");
  f.add("optimiser.classifier_rate_factor", c.classifier_rate_factor,
        "learning rate of the classifier relative to the rest", "reference code")
      .range(0, 1000);
  method::declare_common(f, c, nn::kBackboneHelp);
}

}  // namespace mien::methods::dnfer
