// SPDX-License-Identifier: Apache-2.0
// What the part-based ensemble gives when it is used: its answer, what each part says, looks at and sees as landmarks.
#pragma once

#include <vector>

#include "mien/method/deploy.h"
#include "mien/methods/part_based/network.h"

namespace mien::methods::part_based {

/// images (B,C,H,W) → log-probabilities (B,K), class maps (B,K,h,w), class maps of each part (B,P,K,h,w), the parts'
/// probabilities (B,P,K), their disagreement (B,1), and for each part its landmarks (B,2n). Heads run as the one
/// linear layer that each of them equals.
std::vector<method::DeployOutput> deploy_outputs(PartBasedNetImpl& network, const at::Tensor& images);

}  // namespace mien::methods::part_based
