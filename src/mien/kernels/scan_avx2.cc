// SPDX-License-Identifier: Apache-2.0
#if defined(__AVX2__)  // the build gives this file its own flags if the processor family has them
#include "mien/kernels/scan_loops.h"

namespace mien::kernels {

template <>
ScanLoops<float> avx2_loops() {
  return make_loops<float, 8>();
}
template <>
ScanLoops<double> avx2_loops() {
  return make_loops<double, 4>();
}

}  // namespace mien::kernels
#endif
