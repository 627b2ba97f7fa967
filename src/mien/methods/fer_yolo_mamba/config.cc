// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fer_yolo_mamba/config.h"

#include <algorithm>

namespace mien::methods::fer_yolo_mamba {

FerYoloMambaConfig::FerYoloMambaConfig() {
  optimiser.kind = method::OptimiserKind::sgd;
  optimiser.rate = 5e-3;
  optimiser.momentum = 0.937;
  optimiser.nesterov = true;
  optimiser.weight_decay = 5e-4;
  optimiser.decay_norms_and_biases = false;
  optimiser.schedule.kind = method::ScheduleKind::yolox;
  optimiser.schedule.floor = 0.01;
  optimiser.schedule.warmup_epochs = 3;
  optimiser.schedule.warmup_start = 0.1;
  optimiser.schedule.flat_epochs = 15;
}

double rate_of(const FerYoloMambaConfig& c, int batch_size) {
  return std::clamp(c.optimiser.rate * batch_size / 32, 5e-4, 5e-2);
}

void declare(Fields& f, FerYoloMambaConfig& c) {
  f.add("model.width", c.width,
        "channels of the stem, which scale all other layers: 16, 32, 48, 64 or 80; 32 is the published size s")
      .range(16, 80);
  f.add("model.neck", c.neck, "FER-YOLO-VSS blocks in the neck, or csp for plain YOLOX", "card 2");
  f.add("model.vss.frm", c.convolutions, "convolution branch of each block", "card 2.1");
  f.add("model.vss.ssm", c.ssm, "scan branch of each block", "card 2.1");
  f.add("model.vss.attention", c.attention, "channel attention of the convolution branch", "card 2.1");
  f.add("model.vss.directions", c.directions, "directions of the scan: 8, 4, 2 or 1", "card 2.2").range(1, 8);
  f.add("model.vss.scan", c.scan, "discretisation of the input: first order as in the code, or zero-order hold",
        "card 2.2");
  f.add("model.p3_stride", c.p3_stride, "stride of the finest level: 8, or 16 as in the released code", "card 8.2")
      .range(8, 16);
  f.add("loss.strides", c.loss_strides,
        "strides of the three levels in the loss; none: input / map; 8, 16, 32 repeats the released code", "card 8.2")
      .range(1, 1024);
  f.add("recipe.train_ssm", c.train_ssm, "train the tensors of the scan; false as in the released code", "card 8.4");
  f.add("recipe.freeze", c.freeze, "frozen parts of the first stage: none, csp (backbone), neck (backbone and neck)",
        "card 4");
  f.add("recipe.first.epochs", c.first.epochs, "epochs of the first stage; 0: none", "card 4").range(0, 1e6);
  f.add("recipe.first.batch_size", c.first.batch_size, "pictures per batch in the first stage", "card 4")
      .range(1, 4096);
  f.add("recipe.second.epochs", c.second.epochs, "epochs of the second stage; 0: none", "card 4").range(0, 1e6);
  f.add("recipe.second.batch_size", c.second.batch_size, "pictures per batch in the second stage", "card 4")
      .range(1, 4096);
  f.add("recipe.average", c.average, "keep and validate a moving average of the weights, decay 0.9999", "card 4");
  f.add("augment.single", c.augment, "scale, stretch, move and mirror each picture; jitter its colours", "card 4");
  f.add("augment.mosaic", c.mosaic, "combine four pictures into one with probability 0.5, until 70 % of the run",
        "card 4");
  f.add("augment.mixup", c.mixup, "mix half of the mosaics with another picture", "card 4");
  method::declare_common(f, c, "file with YOLOX-s weights; entries that fit by name and shape are used; empty: none");
}

}  // namespace mien::methods::fer_yolo_mamba
