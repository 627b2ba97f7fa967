// SPDX-License-Identifier: Apache-2.0
// What each cell of DAN's feature map says for each class, as plain graph outputs: Grad-CAM (Selvaraju et al. 2017)
// whose layer are a head's attended features x ⊙ M_j, with the gradient written out, so that an exported file needs
// none.
#pragma once

#include <vector>

#include "mien/nn/fold.h"

namespace mien::methods::dan {

/// What one head computed on its way: p_j mean of x ⊙ M_j, v_j = p_j ⊙ g_j.
struct HeadTrace {
  at::Tensor map;     ///< M_j (B,1,h,w); undefined without the spatial unit
  at::Tensor pooled;  ///< p_j (B,D)
  at::Tensor hidden;  ///< (B,R) after the ReLU; undefined without the channel unit
  at::Tensor gate;    ///< g_j (B,D); undefined without the channel unit
  at::Tensor vector;  ///< v_j (B,D)
};

/// The head's channel unit with its norm folded; weights undefined without it.
struct ChannelWeights {
  nn::Folded squeeze, excite;
};

/// (B,H,K,h,w), in logits: cell y,x of head j and class k holds M_j(y,x) · Σ_c (∂ logit_k / ∂ p_jc) x_c(y,x). The
/// gradient is exact and goes through the channel unit, the log-softmax across heads, the linear layer and its norm.
/// Mean over the cells, summed over the heads: Σ_j ∂ logit_k / ∂ p_j · p_j. Dividing by h·w gives Grad-CAM's own scale;
/// nothing is cut off at 0.
at::Tensor head_class_maps(const at::Tensor& x, const std::vector<HeadTrace>& heads,
                           const std::vector<ChannelWeights>& units, const at::Tensor& classifier_weight,
                           bool log_softmax_fusion);

}  // namespace mien::methods::dan
