// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/phanet/pose_watch.h"

#include <fmt/core.h>

#include <algorithm>

namespace mien::methods::phanet {

void PoseWatch::add(const at::Tensor& logits, const at::Tensor& poses, const at::Tensor& scale_weights) {
  const at::Tensor rows = at::nonzero(poses >= 0).flatten();
  if (rows.size(0) == 0) return;
  const at::Tensor known = poses.index_select(0, rows).cpu();
  const at::Tensor answers = logits.index_select(0, rows).argmax(1).cpu();
  const at::Tensor weights = scale_weights.index_select(0, rows).to(at::kDouble).cpu();
  if (!counts_.defined()) {
    counts_ = at::zeros({num_poses_}, at::kDouble);
    right_ = at::zeros({num_poses_}, at::kDouble);
    weights_ = at::zeros({num_poses_, weights.size(1)}, at::kDouble);
  }
  counts_.index_add_(0, known, at::ones({known.size(0)}, at::kDouble));
  right_.index_add_(0, known, (answers == known).to(at::kDouble));
  weights_.index_add_(0, known, weights);
}

Json PoseWatch::record() const {
  Json out = Json::object();
  if (!counts_.defined()) return out;
  out["pose_accuracy"] = (right_.sum() / counts_.sum()).item<double>();
  const at::Tensor means = weights_ / counts_.clamp_min(1).unsqueeze(1);
  const auto has = [&](std::int64_t pose) { return counts_[pose].item<double>() > 0; };
  const std::int64_t middle = num_poses_ / 2;
  double shift = 0;
  for (const std::int64_t outer : {std::int64_t{0}, num_poses_ - 1})
    if (has(outer) && has(middle))
      shift = std::max(shift, 0.5 * (means[outer] - means[middle]).abs().sum().item<double>());
  out["scale_shift"] = shift;
  for (std::int64_t pose = 0; pose < num_poses_; ++pose) {
    if (!has(pose)) continue;
    Json& of_pose = out[fmt::format("scale_weights_pose_{}", pose)];
    for (std::int64_t scale = 0; scale < means.size(1); ++scale)
      of_pose[fmt::format("scale_{}", scale)] = means[pose][scale].item<double>();
  }
  return out;
}

}  // namespace mien::methods::phanet
