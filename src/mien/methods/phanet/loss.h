// SPDX-License-Identifier: Apache-2.0
// PhaNet's losses and their learned weights (card section 3).
#pragma once

#include "mien/methods/phanet/network.h"

namespace mien::methods::phanet {

inline constexpr std::int64_t kUnknownPose = -1;

struct PhanetLosses {
  at::Tensor expression;  ///< L_fer
  at::Tensor pose;        ///< L_pose over the rows with a pose; undefined if the batch has none
  at::Tensor by_scale;    ///< L_att,k (S)
  at::Tensor attention;   ///< their mean; undefined without the attention loss
};

/// labels (B) int64; poses (B) int64 with -1 for unknown, or undefined.
PhanetLosses compute_losses(const PhanetConfig& config, const PhanetOutput& out, const at::Tensor& labels,
                            const at::Tensor& poses);

/// One weighted term of each loss, whose sum is minimised.
struct WeightedLosses {
  at::Tensor weights;                      ///< uncertainty: e^(-v) (3); dynamic and fixed: μ (2) of pose and attention
  at::Tensor expression, pose, attention;  ///< undefined if the loss is
  at::Tensor total() const;
};

/// Σ e^(-v) L + v over the defined losses; v (3), not detached.
WeightedLosses weigh_by_uncertainty(const PhanetLosses& losses, const at::Tensor& log_vars);

/// L_fer + λ (μ_0 L_pose + μ_1 L_att); without poses μ = (0, 1). shares (2) sum to 1.
WeightedLosses weigh_by_shares(const PhanetLosses& losses, const at::Tensor& shares, double side_weight);

/// μ = 0.1 + 0.8 softmax(W h + b), h the batch mean of the detached global features (trap 3); (2)
at::Tensor dynamic_shares(torch::nn::LinearImpl& layer, const at::Tensor& global_features);

/// The configured scheme.
WeightedLosses weigh(PhanetNetImpl& network, const PhanetOutput& out, const PhanetLosses& losses);

/// Projects v to [-1, 2] after a step (trap 4).
void project(at::Tensor& log_vars);

}  // namespace mien::methods::phanet
