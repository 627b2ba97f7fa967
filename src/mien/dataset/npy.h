// SPDX-License-Identifier: Apache-2.0
// Single values saved by NumPy: the .npy format, versions 1.0 and 2.0 (NumPy enhancement proposal 1).
#pragma once

#include <string>
#include <string_view>

namespace mien::dataset {

/// The one value of an array of one element (shape () or (1,)): text of type <U, >U or S as it is, numbers as "3" or
/// "0.5". Throws bad_input, naming `origin`, for other shapes and types; object arrays, which are pickles, are never
/// read.
std::string npy_value(std::string_view bytes, const std::string& origin);

}  // namespace mien::dataset
