// SPDX-License-Identifier: Apache-2.0
// The outputs of ViT-SE: the last block is computed only for the class token, and everything that the method
// can show (card 7) is a further output.
#pragma once

#include <vector>

#include "mien/method/deploy.h"
#include "mien/methods/vit_se/network.h"

namespace mien::methods::vit_se {

/// images (B,C,H,W), of the network's size, or larger: then it uses the centre → logits (B,K), class maps (B,K,h,w),
/// attention of the class token (B,blocks,heads,h,w), its mean over the heads (B,blocks,h,w), its rollout (B,1,h,w),
/// Eigen-CAM (B,1,h,w), activations for Score-CAM (B,D,h,w), features (B,D), and with the gate its values (B,D) and
/// the gated features (B,D)
std::vector<method::DeployOutput> deploy_outputs(VitSeNetImpl& network, const at::Tensor& images);

}  // namespace mien::methods::vit_se
