// SPDX-License-Identifier: Apache-2.0
#include "mien/method/common_config.h"

namespace mien::method {

void declare_common(Fields& f, CommonConfig& c, const std::string& backbone_help) {
  f.add("sampler", c.sampler,
        "samples of an epoch: each once; the same number of draws with replacement, with all classes equally likely; "
        "or from each class as many as the rarest class has");
  f.add("init.backbone", c.backbone, backbone_help);
  declare(f, c.optimiser);
}

void declare_width(Fields& f, int& width) {
  f.add("model.width", width, "channels of the first stage (64 as in ResNet-18)").range(4, 128);
}

void declare_votes(Fields& f, double& votes) {
  f.add("loss.votes", votes, "share of the vote distribution in the target; the rest is the label").range(0, 1);
}

}  // namespace mien::method
