// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/scan_cci/config.h"

#include <fmt/core.h>

#include "mien/base/error.h"

namespace mien::methods::scan_cci {

ScanCciConfig::ScanCciConfig() {
  sampler = batch::Sampler::inverse_frequency;
  optimiser.kind = method::OptimiserKind::sgd;
  optimiser.rate = 0.01;
  optimiser.weight_decay = 1e-3;
  optimiser.schedule.kind = method::ScheduleKind::exponential;
  optimiser.schedule.gamma = 0.95;
}

void declare(Fields& f, ScanCciConfig& c) {
  f.add("model.trunk", c.trunk, "ResNet-50 without its last stage, or a narrow network for small pictures",
        "card sections 2.1 and 9");
  f.add("model.layout", c.layout,
        "stride on the 3x3 convolution and a padded pool, or stride on the first 1x1 convolution and a ceil-mode pool",
        "card section 8, trap 8");
  f.add("model.local", c.local, "attention on each patch", "paper abstract");
  f.add("model.global", c.global, "attention on the whole map", "paper abstract");
  f.add("model.unit", c.unit, "mask per channel and position, per position, per channel, or none", "card section 9");
  f.add("model.shared", c.shared, "share one attention unit between all patches", "reference code, RAF-DB");
  f.add("model.window", c.window, "side of a patch in cells of the second stage's map", "card section 2.3")
      .range(1, 64);
  f.add("model.pool", c.pool, "how the pooled patches are combined", "reference code");
  f.add("model.bottom_strip", c.bottom_strip, "true windows, or the arrangement of the reference, which mixes rows",
        "card section 2.3");
  f.add("model.cci", c.cci, "complementary context: region classifiers", "paper abstract");
  f.add("model.eca", c.eca, "efficient channel attention before the regions", "reference code");
  f.add("model.regions", c.regions, "quadrants (4), or the whole map (1)", "reference code").range(1, 4);
  f.add("model.heads", c.heads, "prediction: mean of all heads, or only of the regions", "card section 7");
  f.add("loss.attention_weight", c.attention_weight,
        "weight of the attention branch; the remaining weight applies to each region", "reference code")
      .range(0, 1);
  f.add("loss.reweight", c.reweight, "class weights from the effective number of samples, beta 0.9999",
        "reference code, SFEW");
  f.add("train.norms_after_first_epoch", c.norms_after_first_epoch,
        "norms keep learning, or keep the statistics of the first epoch as in the reference", "card section 4");
  f.add("optimiser.base_rate_factor", c.base_rate_factor, "learning rate of the base relative to the branches",
        "reference code")
      .range(0, 1000);
  f.add("augment", c.augment, "flip and colour jitter, mien's FER+ recipe, or none", "reference code");
  method::declare_common(
      f, c, "safetensors or PyTorch file with a ResNet-50 with torchvision's names; empty: random weights");
}

void check(const ScanCciConfig& c) {
  if (!c.has_attention() && !c.cci)
    fail_usage("model.local, model.global and model.cci are all off, so that the network has no classifier.",
               "Switch one of them on.");
  if (c.regions != 1 && c.regions != 4)
    fail_usage(fmt::format("model.regions = {} is neither 1 nor 4.", c.regions), "Use 4 quadrants or 1 region.");
  if (c.heads == Heads::cci && !c.cci)
    fail_usage("model.heads = 'cci' needs model.cci.", "Switch model.cci on, or set model.heads = 'all'.");
}

}  // namespace mien::methods::scan_cci
