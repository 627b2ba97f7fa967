// SPDX-License-Identifier: Apache-2.0
#include "mien/train/config.h"

#include <fmt/core.h>

#include "mien/base/error.h"

namespace mien::train {

void declare(Fields& f, TrainConfig& c) {
  f.add("method", c.method, "method to train; see 'mien methods'");
  f.add("name", c.name, "name of the run folder; empty: <method>-<pack>");
  f.add("data.pack", c.pack, "packed data set, created by 'mien data pack'");
  f.add("data.truth", c.truth,
        "true labels of a noisy pack (its .truth.csv), only for measurements; not used in any loss");
  f.add("input.size", c.input_size, "side of the network's input, in pixels").range(32, 1024);
  f.add("input.mean", c.mean, "per channel, of values 0..1").range(0, 1);
  f.add("input.std", c.std, "per channel, of values 0..1").range(1e-6, 10);
  f.add("input.contrast", c.contrast, "contrast step on the grey crop at input size: clahe equalises the contrast")
      .choices({"none", "clahe"});
  f.add("train.stages", c.stages, "stages to run, by name, in the method's order; empty: all");
  f.add("train.epochs", c.epochs, "passes over the training part, for stages without their own number")
      .range(1, 100000);
  f.add("train.batch_size", c.batch_size, "pictures per step, for stages without their own number").range(2, 65536);
  f.add("train.samples", c.samples, "number of training pictures to use, drawn once by the seed; 0: all")
      .range(0, 9e15);
  f.add("train.seed", c.seed, "seed of initialisation, order, augmentation and train.samples").range(0, 9e15);
  f.add("train.device", c.device, "cpu, cuda or cuda:N");
  f.add("train.precision", c.precision, "auto: bfloat16 on CUDA and on processors with AMX or AVX512-BF16");
  f.add("train.channels_last", c.channels_last, "memory layout of pictures and weights; faster on CPU");
  f.add("train.ema_decay", c.ema_decay,
        "decay of the moving average of the weights for evaluation, unless the method sets its own; 0: none")
      .range(0, 1);
  f.add("train.eval_every", c.eval_every, "epochs between validations").range(1, 100000);
  f.add("train.save_minutes", c.save_minutes,
        "minutes between checkpoints within an epoch; longer if writing takes more than 5 % of the time")
      .range(0.01, 1e6);
  f.add("train.threads", c.threads, "threads; 0: all available cores").range(0, 1024);
}

face::InputSpec input_spec(const TrainConfig& c, int pack_channels, int pack_side) {
  if (static_cast<int>(c.mean.size()) != pack_channels || static_cast<int>(c.std.size()) != pack_channels)
    fail_usage(fmt::format("input.mean and input.std have {} and {} numbers, but the pack has {} channels.",
                           c.mean.size(), c.std.size(), pack_channels),
               "Give one number per channel.");
  face::InputSpec spec;
  spec.width = spec.height = c.input_size;
  spec.channels = pack_channels;
  spec.mean.assign(c.mean.begin(), c.mean.end());
  spec.std.assign(c.std.begin(), c.std.end());
  spec.source_side = pack_side;
  if (c.contrast != "clahe") return spec;
  if (pack_channels != 1)
    fail_usage(fmt::format("input.contrast = clahe needs grey pictures, but the pack has {} channels.", pack_channels),
               "Pack the data set without --colour, or set input.contrast = none.");
  spec.contrast.emplace();
  return spec;
}

}  // namespace mien::train
