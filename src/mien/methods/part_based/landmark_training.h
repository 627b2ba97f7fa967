// SPDX-License-Identifier: Apache-2.0
// Stage 1 of one part (card 3, 4.3): its network learns the landmarks of its part.
#pragma once

#include "mien/method/stage.h"
#include "mien/methods/part_based/network.h"

namespace mien::methods::part_based {

class LandmarkTraining {
 public:
  LandmarkTraining(Part part, SubNetwork network) : part_(part), network_(std::move(network)) {}

  /// Takes the medians of the training targets: the output of the best constant predictor.
  void begin(method::HookContext& context);
  /// Mean absolute error on augmented pictures.
  method::Losses losses(const batch::Batch& batch);
  /// "landmark_skill": 1 - error / error of the constant predictor, so that 1 is perfect and 0 is no better than a
  /// constant; then both errors. Throws bad_input if no picture of the part has landmarks.
  method::Figures judge(const method::BatchPass& pass);

 private:
  Part part_;
  SubNetwork network_;
  at::Tensor constant_;  ///< (2n)
};

}  // namespace mien::methods::part_based
