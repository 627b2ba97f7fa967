// SPDX-License-Identifier: Apache-2.0
// Further outputs of an exported PhaNet (card section 7).
#pragma once

#include "mien/method/deploy.h"
#include "mien/methods/phanet/network.h"

namespace mien::methods::phanet {

/// Each cell's evidence for each class, on the finest grid in use: Σ over the scales of ws_k M_k (W_k E_k) / (Σ M_k +
/// ε), each coarse cell distributed over the fine ones. The sum over the cells is the logit minus its bias.
/// (B,K,h_0,w_0)
at::Tensor class_maps(const PhanetNetImpl& network, const PhanetOutput& out);

/// Logits, class maps, masks of the scales, weights of the scales, pose probabilities. `side`: of the input, pixels.
std::vector<method::DeployOutput> deploy_outputs(const PhanetNetImpl& network, const PhanetOutput& out,
                                                 std::int64_t side);

}  // namespace mien::methods::phanet
