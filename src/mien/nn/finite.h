// SPDX-License-Identifier: Apache-2.0
// Comparisons with NaN are always false: a comparison without an explicit check accepts it.
#pragma once

#include <string>

#include "mien/nn/state.h"

namespace mien::nn {

/// ||value - reference|| / ||reference||, in float64 and over all elements; only the numerator if the reference is
/// zero. Infinity if either contains NaN or infinity, so that no tolerance accepts it.
double relative_error(const at::Tensor& value, const at::Tensor& reference);

/// Throws bad_input naming `origin` and the first keys whose tensors contain NaN or infinity.
void require_finite(const NamedTensors& tensors, const std::string& origin);

}  // namespace mien::nn
