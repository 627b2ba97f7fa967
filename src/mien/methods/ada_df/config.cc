// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/config.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/nn/resnet.h"

namespace mien::methods::ada_df {
namespace {

/// A number in a field that can also contain a word.
std::optional<double> share_or_word(const std::string& key, const std::string& value, const std::string& word) {
  if (value == word) return std::nullopt;
  const auto number = parse_double(value);
  if (!number || !(*number >= 0 && *number <= 1))
    fail_usage(fmt::format("{} = {} is neither {} nor a number 0..1.", key, quote(value), quote(word)),
               fmt::format("For example: --set {}=0.5", key));
  return number;
}

}  // namespace

AdaDfConfig::AdaDfConfig() {
  optimiser.kind = method::OptimiserKind::adam;
  optimiser.rate = 1e-3;
  optimiser.weight_decay = 0;
  optimiser.schedule.kind = method::ScheduleKind::exponential;
  optimiser.schedule.gamma = 0.9;
}

std::optional<double> AdaDfConfig::fixed_weight() const {
  return share_or_word("loss.fusion_weight", fusion_weight, "adaptive");
}
std::optional<double> AdaDfConfig::fixed_ramp() const { return share_or_word("loss.ramp", ramp, "schedule"); }

void declare(Fields& f, AdaDfConfig& c) {
  method::declare_width(f, c.width);
  f.add("model.branches", c.branches,
        "dual, or single: only the target branch, trained on labels (the baseline; needs loss.target = onehot)",
        "card section 9");
  f.add("model.freeze_stem", c.freeze_stem, "no gradient for the stem and the first stage; needs a pretrained backbone",
        "reference code");
  f.add("model.drop_rate", c.drop_rate, "dropout on the shared features, only in training", "reference code")
      .range(0, 0.95);
  f.add("model.ten_crop", c.ten_crop,
        "corners, centre and their mirror images, each 7/8 of the side: separate pictures in training, averaged in "
        "prediction (SFEW)",
        "reference code");
  f.add("loss.target", c.target,
        "target of the target branch: mixture, label distribution, class distribution, or label", "paper figure 1");
  f.add("loss.fusion_weight", c.fusion_weight,
        "share of the class distribution in the mixture: adaptive, or a number 0..1", "paper figure 1");
  f.add("loss.w_min", c.w_min, "smallest adaptive weight after rescaling", "reference code").range(0, 1);
  f.add("loss.w_max", c.w_max, "largest adaptive weight after rescaling", "reference code").range(0, 1);
  f.add("loss.rank_loss", c.rank_loss, "rank regularisation of the attention weights", "paper, L_RR");
  f.add("loss.rank_margin", c.rank_margin, "margin between the means of high and low weights", "reference code")
      .range(0, 1);
  f.add("loss.rank_share", c.rank_share, "share of the samples that count as high", "reference code").range(0, 1);
  f.add("loss.ramp", c.ramp,
        "weights of the losses over the epochs: schedule, or a number a for the weights a (divergence) and 1 - a "
        "(cross-entropy)",
        "reference code");
  f.add("loss.beta", c.beta,
        "epoch at which the divergence reaches full weight and the weight of the cross-entropy starts to decrease",
        "reference code")
      .range(0.01, 1e6);
  f.add("loss.label_smoothing", c.label_smoothing, "smoothing of the auxiliary branch's labels", "reference code")
      .range(0, 0.99);
  f.add("loss.detach_target", c.detach_target, "no gradient through the mixture; only for experiments");
  f.add("class_distribution.threshold", c.threshold,
        "smallest share of a class in its own mean distribution; below it, the row is replaced by this share and equal "
        "other values",
        "paper")
      .range(0, 1);
  f.add("class_distribution.source", c.distribution_source,
        "a separate pass in inference mode over training or clean pictures, or the epoch's training outputs",
        "reference code");
  f.add("class_distribution.update", c.distribution_update, "after each epoch, or never", "reference code");
  f.add("class_distribution.sharpen", c.sharpen, "raise the rows to the power 1/1.2, which flattens them",
        "reference code");
  f.add("reference_quirks", c.reference_quirks,
        "the reference's mistakes: 0.4 in the threshold row, configured batch size in rank loss and divergence, "
        "sharpening along the wrong axis",
        "reference code");
  f.add("augment", c.augment, "augmentation of the training pictures", "reference code");
  method::declare_common(f, c, nn::kBackboneHelp);
}

void check(const AdaDfConfig& c) {
  if (c.w_min > c.w_max)
    fail_usage(fmt::format("loss.w_min = {:g} is above loss.w_max = {:g}.", c.w_min, c.w_max), "Swap them.");
  if (!c.dual() && c.target != Target::onehot)
    fail_usage(fmt::format("model.branches = 'single' has no auxiliary branch to compute the target {}.",
                           quote(std::string(to_word(c.target)))),
               "Add --set loss.target=onehot.");
  if (c.ten_crop && c.augment == Augment::ferplus)
    fail_usage("model.ten_crop cannot be combined with augment = 'ferplus', which uses whole pictures.",
               "Use augment = 'sfew', 'raf-db' or 'none'.");
  c.fixed_weight();
  c.fixed_ramp();
}

}  // namespace mien::methods::ada_df
