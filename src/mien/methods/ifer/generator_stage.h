// SPDX-License-Identifier: Apache-2.0
// Stage "generator": StyleGAN2 on the pictures of a pack (card 2.6, 3 and 4), if no trained generator is available.
#pragma once

#include "mien/face/input_spec.h"
#include "mien/method/stage.h"
#include "mien/methods/ifer/whole.h"

namespace mien::methods::ifer {

/// `path_mean` is the running mean of the path lengths, a scalar that the checkpoint keeps.
method::Stage generator_stage(const IferConfig& config, const face::InputSpec& input, IferNet network,
                              at::Tensor path_mean);

}  // namespace mien::methods::ifer
