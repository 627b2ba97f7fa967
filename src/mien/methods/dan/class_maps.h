// SPDX-License-Identifier: Apache-2.0
// Class maps: each cell's evidence for each class, as plain graph outputs: Grad-CAM (Selvaraju et al. 2017)
// at a head's attended features x ⊙ M_j, with the gradient in closed form, so that an exported file needs none.
#pragma once

#include <vector>

#include "mien/method/deploy.h"
#include "mien/methods/dan/network.h"

namespace mien::methods::dan {

/// Gradients of a head's channel unit, inference mode; undefined without the unit.
struct ChannelGradients {
  at::Tensor squeeze;  ///< (R,D) of the hidden units before the ReLU with respect to p
  at::Tensor excite;   ///< (D,R) of the gate before the sigmoid with respect to the hidden units
};

/// (B,H,K,h,w), in logits: cell y,x of head j and class k holds M_j(y,x) · Σ_c (∂ logit_k / ∂ p_jc) x_c(y,x). The
/// gradient is exact and passes through the channel unit, the log-softmax across heads, the linear layer and its norm.
/// Mean over the cells, summed over the heads: Σ_j ∂ logit_k / ∂ p_j · p_j. Dividing by h·w gives Grad-CAM's own scale;
/// negative values are kept. x (B,D,h,w); `classifier` (K,D): gradient of the logits with respect to the fused vector.
at::Tensor head_class_maps(const at::Tensor& x, const std::vector<HeadOutput>& heads,
                           const std::vector<ChannelGradients>& units, const at::Tensor& classifier,
                           bool log_softmax_fusion);

/// The outputs of an exported DAN: logits (B,K) and class maps (B,K,h,w); with heads also the class maps of each head
/// (B,H,K,h,w) and, with spatial units, their attention (B,H,h,w).
std::vector<method::DeployOutput> deploy_outputs(const DanNetImpl& network, const DanOutput& out);

}  // namespace mien::methods::dan
