// SPDX-License-Identifier: Apache-2.0
#include "mien/method/ranger.h"

#include <cmath>

namespace mien::method {
namespace {

constexpr std::int64_t kLookahead = 6;
constexpr double kShare = 0.5, kThreshold = 5;

void centre(at::Tensor& gradient) {
  if (gradient.dim() < 2) return;
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 1; axis < gradient.dim(); ++axis) axes.push_back(axis);
  gradient.sub_(gradient.mean(axes, /*keepdim=*/true));
}

}  // namespace

double ranger_rectification(double beta1, double beta2, std::int64_t t) {
  const auto step = static_cast<double>(t);
  const double power = std::pow(beta2, step);
  const double limit = 2 / (1 - beta2) - 1, length = limit - 2 * step * power / (1 - power);
  if (length <= kThreshold) return 0;
  const double variance = (length - 4) / (limit - 4) * (length - 2) / length * limit / (limit - 2);
  return std::sqrt((1 - power) * variance) / (1 - std::pow(beta1, step));
}

void ranger_update(at::Tensor& parameter, at::Tensor gradient, RangerState& state, const RangerRates& r,
                   std::int64_t t) {
  centre(gradient);
  state.first.mul_(r.beta1).add_(gradient, 1 - r.beta1);
  state.second.mul_(r.beta2).addcmul_(gradient, gradient, 1 - r.beta2);
  if (r.decay != 0) parameter.mul_(1 - r.rate * r.decay);
  const double rectified = ranger_rectification(r.beta1, r.beta2, t);
  if (rectified > 0)
    parameter.addcdiv_(state.first, state.second.sqrt().add_(r.eps), -r.rate * rectified);
  else
    parameter.add_(state.first, -r.rate / (1 - std::pow(r.beta1, static_cast<double>(t))));
  if (t % kLookahead != 0) return;
  state.slow.add_(parameter - state.slow, kShare);
  parameter.copy_(state.slow);
}

}  // namespace mien::method
