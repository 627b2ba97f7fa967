// SPDX-License-Identifier: Apache-2.0
// The outputs of an exported FDRL. Only the centres of the weights are used, which are shown
// next to a face's own weights.
#pragma once

#include "mien/method/deploy.h"
#include "mien/methods/fdrl/network.h"

namespace mien::methods::fdrl {

/// Logits (N,K); maps of the latent features (N,M,h,w); with weights α (N,M) and the centre u_k (N,M) of the predicted
/// class; lengths of the latent features (N,M); with relations ω (N,M,M); the expression feature y (N,D).
/// Without decomposition: logits and class maps. weight_centers: u (K,M). `border`: pixels that a centre crop cuts off
/// at the left and at the top.
std::vector<method::DeployOutput> deploy_outputs(const FdrlNetImpl& network, const FdrlOutput& out,
                                                 const at::Tensor& weight_centers, std::int64_t border);

}  // namespace mien::methods::fdrl
