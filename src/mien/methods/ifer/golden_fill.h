// SPDX-License-Identifier: Apache-2.0
// Formula weights as in the golden file of this method: equalised layers keep their distribution (see the note on
// `ifer` in the golden files' README).
#pragma once

#include <string>

#include "mien/nn/torch.h"

namespace mien::methods::ifer {

/// Fills every parameter and buffer from salt and prefix + key, except the constant buffers: FIR kernels, relative
/// positions, LPIPS's mean and deviation.
void fill_golden(torch::nn::Module& module, const std::string& salt, const std::string& prefix);

}  // namespace mien::methods::ifer
