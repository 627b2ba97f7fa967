// SPDX-License-Identifier: Apache-2.0
// Configuration fields that most methods have, declared once. A method's config derives from CommonConfig.
#pragma once

#include <string>

#include "mien/base/config.h"
#include "mien/batch/sampler.h"
#include "mien/method/optimiser_options.h"

namespace mien::method {

class GoldenScribe;
class MethodConfig;

struct CommonConfig {
  batch::Sampler sampler = batch::Sampler::shuffle;
  std::string backbone;  ///< file with the weights of the trunk (safetensors or PyTorch); empty: drawn
  OptimiserOptions optimiser;
};

/// "sampler", "init.backbone" (with the help text given, which describes the file), "optimiser.*" and
/// "schedule.*".
void declare_common(Fields& fields, CommonConfig& config, const std::string& backbone_help);
/// "model.width" of a trunk whose first stage has 64 channels in its published form.
void declare_width(Fields& fields, int& width);
/// "loss.votes", the share of the vote distribution in the target.
void declare_votes(Fields& fields, double& votes);

}  // namespace mien::method
