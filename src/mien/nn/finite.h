// SPDX-License-Identifier: Apache-2.0
// Not-a-number compares false with everything: a comparison that does not ask for it lets it pass.
#pragma once

#include <string>

#include "mien/nn/state.h"

namespace mien::nn {

/// ||value - reference|| / ||reference||, in float64 and over all elements; the numerator alone where the reference is
/// zero. Infinity where either holds NaN or infinity: no tolerance lets that pass.
double relative_error(const at::Tensor& value, const at::Tensor& reference);

/// Throws bad_input naming `origin` and the first keys whose tensors hold NaN or infinity.
void require_finite(const NamedTensors& tensors, const std::string& origin);

}  // namespace mien::nn
