// SPDX-License-Identifier: Apache-2.0
// The outputs of an exported part-based ensemble: its answer, and each part's answer, class maps and landmarks.
#pragma once

#include <vector>

#include "mien/method/deploy.h"
#include "mien/methods/part_based/network.h"

namespace mien::methods::part_based {

/// images (B,C,H,W) → log-probabilities (B,K), class maps (B,K,h,w), class maps of each part (B,P,K,h,w), the parts'
/// probabilities (B,P,K), their disagreement (B,1), and for each part its landmarks (B,2n). Each head runs as the
/// equivalent single linear layer.
std::vector<method::DeployOutput> deploy_outputs(PartBasedNetImpl& network, const at::Tensor& images);

}  // namespace mien::methods::part_based
