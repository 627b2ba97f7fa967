// SPDX-License-Identifier: Apache-2.0
// Code shared by the stages of this method.
#pragma once

#include <string>
#include <vector>

#include "mien/face/input_spec.h"
#include "mien/method/stage.h"
#include "mien/methods/ifer/config.h"

namespace mien::methods::ifer {

/// A stage over pictures without labels: mirrored faces, its own batch size, data and length.
method::Stage unlabelled_stage(const std::string& name, const StageConfig& config, const face::InputSpec& input);

/// All parameters of a part, with the keys that they have in the whole network.
method::ParameterGroup parameters_of(torch::nn::Module& part, const std::string& prefix);

/// Throws usage unless values 0..1 become -1..1, the generator's range.
void require_half_scaling(const face::InputSpec& input, const std::string& stage);

/// During its lifetime, gradients through the module reach its input but not its parameters.
class FrozenParameters {
 public:
  explicit FrozenParameters(torch::nn::Module& module);
  ~FrozenParameters();
  FrozenParameters(const FrozenParameters&) = delete;
  FrozenParameters& operator=(const FrozenParameters&) = delete;

 private:
  std::vector<at::Tensor> parameters_;  ///< those that required a gradient
};

}  // namespace mien::methods::ifer
