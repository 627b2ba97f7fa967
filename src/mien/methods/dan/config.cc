// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/config.h"

#include "mien/nn/resnet.h"

namespace mien::methods::dan {

DanConfig::DanConfig() {
  optimiser.kind = method::OptimiserKind::sgd;
  optimiser.rate = 0.1;
  optimiser.weight_decay = 1e-4;
  optimiser.schedule.kind = method::ScheduleKind::step;
  optimiser.schedule.gamma = 0.1;
  optimiser.schedule.every = 10;
}

void declare(Fields& f, DanConfig& c) {
  f.add("model.heads", c.heads, "attention heads; 0 is a plain ResNet-18 with pooling and fc", "paper section 3.2")
      .range(0, 8);
  method::declare_width(f, c.width);
  f.add("model.reduction", c.reduction, "reduction factor of the channel unit", "reference code").range(1, 64);
  f.add("model.spatial", c.spatial, "spatial unit of each head", "paper section 3.2");
  f.add("model.channel", c.channel, "channel unit of each head", "paper section 3.2");
  f.add("model.fusion", c.fusion, "log-softmax across heads, or none", "paper section 3.3");
  f.add("model.final_bn", c.final_bn, "batch norm on the logits", "reference code");
  f.add("model.dropout", c.dropout, "dropout before the classifier").range(0, 0.95);
  f.add("loss.affinity.weight", c.affinity_weight, "weight of the affinity loss", "paper section 3.4").range(0, 1e6);
  f.add("loss.affinity.kind", c.affinity_kind, "affinity, or center for the plain centre loss", "paper section 3.1");
  f.add("loss.affinity.centers", c.affinity_centers, "class centres; 0 is one per class", "reference code")
      .range(0, 1000);
  f.add("loss.partition.weight", c.partition_weight, "weight of the partition loss", "paper section 3.4").range(0, 1e6);
  f.add("loss.partition.form", c.partition_form, "logarithm of the mean (code) or mean of the logarithms (paper)",
        "paper section 3.3");
  f.add("loss.partition.eps", c.partition_eps, "offset added to the variance", "reference code").range(0, 1);
  method::declare_votes(f, c.votes);
  f.add("augment", c.augment, "augmentation of the training pictures", "reference code");
  method::declare_common(f, c, nn::kBackboneHelp);
}

}  // namespace mien::methods::dan
