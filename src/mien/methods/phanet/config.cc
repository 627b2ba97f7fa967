// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/phanet/config.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "mien/base/error.h"

namespace mien::methods::phanet {

PhanetConfig::PhanetConfig() {
  optimiser.kind = method::OptimiserKind::sgd;
  optimiser.rate = 0.05;
  optimiser.nesterov = true;
  optimiser.weight_decay = 1e-4;
  optimiser.decay_norms_and_biases = false;
  optimiser.schedule.kind = method::ScheduleKind::cosine;
}

void declare(Fields& f, PhanetConfig& c) {
  f.add("model.trunk", c.trunk, "DenseNet-121, or a narrow variant for small pictures", "card section 2.1");
  f.add("model.attention", c.attention,
        "masks restricted by coarser scales (hierarchical), independent masks of each scale, or none",
        "card section 2.2");
  f.add("model.scales", c.scales, "scales to use, from 0 (finest) to 3 (coarsest), in ascending order",
        "card section 2")
      .range(0, 3);
  f.add("model.select", c.select,
        "scales per face: the best ones (top), all weighted by their share (soft), or all equally", "card section 2.3");
  f.add("model.select_k", c.select_k, "number of scales with model.select = top", "card section 2.3").range(1, 4);
  f.add("model.soft_share", c.soft_share, "share of the epochs before the selection starts", "card section 2.3")
      .range(0, 1);
  f.add("model.pose", c.pose, "pose head and its loss; needs poses in the pack", "paper abstract");
  f.add("model.pose_guided", c.pose_guided, "use the pose to select the scales", "paper abstract");
  f.add("model.pose_edges", c.pose_edges, "yaw angles in degrees between the pose classes, in ascending order",
        "card section 5")
      .range(-180, 180);
  f.add("model.dropout", c.dropout, "dropout before the expression classifier").range(0, 0.95);
  f.add("loss.attention", c.attention_loss, "a classification loss per scale", "paper abstract");
  f.add("loss.weights", c.loss_weights,
        "weights of the losses: learned uncertainties, learned shares of pose and attention, or one half for both",
        "paper abstract; card section 3");
  f.add("loss.side_weight", c.side_weight, "weight of pose and attention with dynamic and fixed weights",
        "card section 3")
      .range(0, 1e6);
  f.add("augment", c.augment, "7/8 crop, flip with mirrored pose, and colour jitter; mien's FER+ recipe; or none",
        "card section 4");
  f.add("optimiser.backbone_rate_factor", c.backbone_rate_factor,
        "learning rate of the backbone relative to new layers", "card section 4")
      .range(0, 1000);
  f.add("optimiser.weights_rate_factor", c.weights_rate_factor,
        "learning rate of the loss weights relative to new layers", "card section 3")
      .range(0, 1000);
  method::declare_common(
      f, c, "safetensors or PyTorch file with a DenseNet-121 with torchvision's names; empty: random weights");
}

void check(const PhanetConfig& c) {
  const bool ascending = std::adjacent_find(c.scales.begin(), c.scales.end(), std::greater_equal<>()) == c.scales.end();
  const bool whole = std::all_of(c.scales.begin(), c.scales.end(), [](double s) { return s == static_cast<int>(s); });
  if (c.scales.empty() || !ascending || !whole)
    fail_usage("model.scales must contain at least one of 0, 1, 2, 3, in ascending order.",
               "For example: --set 'model.scales=[1, 2, 3]'");
  const bool has_order =
      std::adjacent_find(c.pose_edges.begin(), c.pose_edges.end(), std::greater_equal<>()) == c.pose_edges.end();
  if (c.pose_edges.empty() || !has_order)
    fail_usage("model.pose_edges must be yaw angles in ascending order.",
               "For example: --set 'model.pose_edges=[-20, 20]'");
  if (c.select == Selection::top && static_cast<std::size_t>(c.select_k) > c.scales.size())
    fail_usage(fmt::format("model.select_k = {} is above the {} scales.", c.select_k, c.scales.size()),
               "Lower it, or set model.select = 'soft'.");
}

}  // namespace mien::methods::phanet
