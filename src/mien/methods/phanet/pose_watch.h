// SPDX-License-Identifier: Apache-2.0
// Results of the pose head and the choice of scales on a part of the data, for an epoch's record (card section 9:
// pose accuracy, and whether the scales differ between views).
#pragma once

#include "mien/base/json.h"
#include "mien/nn/torch.h"

namespace mien::methods::phanet {

class PoseWatch {
 public:
  explicit PoseWatch(std::int64_t num_poses) : num_poses_(num_poses) {}

  /// logits (B,P) of the pose head; poses (B) int64, -1 for unknown; scale_weights (B,S). Unknown poses are left out.
  void add(const at::Tensor& logits, const at::Tensor& poses, const at::Tensor& scale_weights);

  /// {"pose_accuracy", "scale_shift", "scale_weights_pose_0": {"scale_0", …}, …}; {} if no pose is known.
  /// scale_shift: the larger total variation of the mean weights of the middle view and of one of the outermost ones.
  Json record() const;

 private:
  std::int64_t num_poses_;
  at::Tensor counts_, right_, weights_;  ///< (P), (P), (P,S); undefined before the first known pose
};

}  // namespace mien::methods::phanet
