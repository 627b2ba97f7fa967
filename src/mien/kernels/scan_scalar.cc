// SPDX-License-Identifier: Apache-2.0
#include "mien/kernels/scan_loops.h"

namespace mien::kernels {

template <>
ScanLoops<float> scalar_loops() {
  return make_loops<float, 1>();
}
template <>
ScanLoops<double> scalar_loops() {
  return make_loops<double, 1>();
}

}  // namespace mien::kernels
