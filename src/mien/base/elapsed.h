// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace mien {

/// Milliseconds from a point in time until now.
inline double ms_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace mien
