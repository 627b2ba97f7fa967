// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/config.h"

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::methods::part_based {
namespace {

void declare_length(Fields& f, const std::string& stage, StageLength& length) {
  f.add(stage + ".epochs", length.epochs, "epochs of each " + stage + " stage", "card 4.3").range(1, 100000);
  f.add(stage + ".steps", length.steps, "steps per epoch; 0: one pass over the pictures", "card 4.3").range(0, 1000000);
  f.add(stage + ".patience", length.patience,
        "number of epochs without improvement after which the stage ends; 0: never", "card 4.3")
      .range(0, 100000);
}

}  // namespace

PartBasedConfig::PartBasedConfig() {
  optimiser.kind = method::OptimiserKind::adam;
  optimiser.rate = 1e-3;
  optimiser.eps = 1e-7;  // Keras
  optimiser.weight_decay = 0;
  optimiser.schedule.kind = method::ScheduleKind::constant;
}

NetworkOptions network_options(const PartBasedConfig& c, std::int64_t num_classes, std::int64_t channels) {
  NetworkOptions o;
  o.parts.clear();
  for (const std::string& name : c.parts) o.parts.push_back(part_named(name));
  o.rule = c.ensemble;
  o.sub_network.channels = channels;
  o.sub_network.width = c.width;
  o.sub_network.num_classes = num_classes;
  o.sub_network.landmark_layers = c.landmark_layers;
  o.sub_network.norm_momentum = c.norm_momentum;
  return o;
}

void declare(Fields& f, PartBasedConfig& c) {
  f.add("model.parts", c.parts, "parts of the face with one network each: eyebrows, eyes, nose, mouth, jaw, full",
        "card 2.1");
  f.add("model.width", c.width, "channels of the first two layers (16 is the published size)").range(1, 128);
  f.add("model.landmark_layers", c.landmark_layers, "linear layers of the landmark head", "card 9").range(1, 4);
  f.add("model.norm_momentum", c.norm_momentum, "momentum of the norms' running statistics (share of the new batch)",
        "card 2.2")
      .range(1e-4, 1);
  f.add("model.ensemble", c.ensemble,
        "rule of the ensemble: mean of the parts' probabilities, their product, votes, or a trained layer", "card 2.4");
  f.add("init.bodies", c.bodies, "initial bodies of stage 2: trained on landmarks, or random", "card 9");
  declare_length(f, "landmarks", c.landmarks);
  f.add("landmarks.demand", c.demand,
        "required reduction of the validation error against the best constant predictor before stage 2, as a share; 0: "
        "no requirement",
        "card 8, trap 8")
      .range(0, 1);
  declare_length(f, "expression", c.expression);
  f.add("expression.freeze_features", c.freeze_features, "keep the bodies of stage 1 unchanged", "card 3");
  f.add("expression.cache", c.cache, "compute the frozen features once, from pictures without augmentation",
        "card 4.3");
  f.add("expression.recalibrate", c.recalibrate,
        "number of training batches for recomputing the norms' statistics before stage 2; 0: keep the running "
        "statistics",
        "card 4.3")
      .range(0, 10000);
  f.add("expression.standardise", c.standardise, "scale the features to mean 0 and deviation 1 before the head",
        "card 4.3");
  f.add("augment", c.augment, "augmentation of the training pictures", "card 4.2");
  method::declare_common(f, c,
                         "file (.safetensors, .pth) with the bodies of these parts, such as best.safetensors of a run; "
                         "stage 1 is then skipped; empty: see init.bodies");
}

}  // namespace mien::methods::part_based
