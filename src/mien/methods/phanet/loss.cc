// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/phanet/loss.h"

namespace mien::methods::phanet {
namespace {

/// In the logits' own precision: the golden file is compared in float64.
at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& labels) {
  return at::nll_loss(at::log_softmax(logits, 1), labels);
}

}  // namespace

PhanetLosses compute_losses(const PhanetConfig& c, const PhanetOutput& out, const at::Tensor& labels,
                            const at::Tensor& poses) {
  PhanetLosses losses;
  losses.expression = cross_entropy(out.logits, labels);
  if (out.pose.defined() && poses.defined()) {
    const at::Tensor known = poses != kUnknownPose;
    if (known.any().item<bool>()) losses.pose = cross_entropy(out.pose.index({known}), poses.index({known}));
  }
  if (c.attention_loss) {
    std::vector<at::Tensor> each;
    for (std::int64_t k = 0; k < out.scale_logits.size(1); ++k)
      each.push_back(cross_entropy(out.scale_logits.select(1, k), labels));
    losses.by_scale = at::stack(each);
    losses.attention = losses.by_scale.mean();
  }
  return losses;
}

at::Tensor WeightedLosses::total() const {
  at::Tensor sum = expression;
  if (pose.defined()) sum = sum + pose;
  if (attention.defined()) sum = sum + attention;
  return sum;
}

WeightedLosses weigh_by_uncertainty(const PhanetLosses& losses, const at::Tensor& log_vars) {
  const auto weighted = [&](const at::Tensor& loss, std::int64_t i) {
    return loss.defined() ? (-log_vars[i]).exp() * loss + log_vars[i] : at::Tensor();
  };
  return {(-log_vars).exp(), weighted(losses.expression, 0), weighted(losses.pose, 1), weighted(losses.attention, 2)};
}

WeightedLosses weigh_by_shares(const PhanetLosses& losses, const at::Tensor& shares, double side_weight) {
  const at::Tensor alone = at::stack({at::zeros_like(shares[0]), at::ones_like(shares[0])});
  const at::Tensor mu = losses.pose.defined() ? shares : alone;
  const auto weighted = [&](const at::Tensor& loss, std::int64_t i) {
    return loss.defined() ? mu[i] * loss * side_weight : at::Tensor();
  };
  return {mu, losses.expression, weighted(losses.pose, 0), weighted(losses.attention, 1)};
}

at::Tensor dynamic_shares(torch::nn::LinearImpl& layer, const at::Tensor& global_features) {
  return at::softmax(layer.forward(global_features.detach().mean(0)), 0) * 0.8 + 0.1;
}

WeightedLosses weigh(PhanetNetImpl& network, const PhanetOutput& out, const PhanetLosses& losses) {
  const PhanetConfig& c = network.config();
  if (c.loss_weights == LossWeights::uncertainty) return weigh_by_uncertainty(losses, network.loss_log_vars);
  const at::Tensor shares = c.loss_weights == LossWeights::dynamic
                                ? dynamic_shares(*network.loss_weights, out.global_features)
                                : at::full({2}, 0.5, losses.expression.options().requires_grad(false));
  return weigh_by_shares(losses, shares, c.side_weight);
}

void project(at::Tensor& log_vars) {
  const torch::NoGradGuard no_grad;
  log_vars.clamp_(-1, 2);
}

}  // namespace mien::methods::phanet
