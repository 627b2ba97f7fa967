// SPDX-License-Identifier: Apache-2.0
#if defined(__AVX512F__)  // the build gives this file its own flags if the processor family has them
#include "mien/kernels/scan_loops.h"

namespace mien::kernels {

template <>
ScanLoops<float> avx512_loops() {
  return make_loops<float, 16>();
}
template <>
ScanLoops<double> avx512_loops() {
  return make_loops<double, 8>();
}

}  // namespace mien::kernels
#endif
