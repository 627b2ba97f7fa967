// SPDX-License-Identifier: Apache-2.0
// The shape of a tensor as text, for errors.
#pragma once

#include <c10/util/ArrayRef.h>

#include <string>

namespace mien::nn {

std::string shape_text(c10::IntArrayRef sizes);  ///< "[2, 3, 64, 64]"

}  // namespace mien::nn
