// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/shape_text.h"

#include <sstream>

namespace mien::nn {

std::string shape_text(c10::IntArrayRef sizes) {
  std::ostringstream out;
  out << sizes;
  return out.str();
}

}  // namespace mien::nn
