// SPDX-License-Identifier: Apache-2.0
// Code shared by the CPU and CUDA forms of mien::selective_scan: checks and pointers.
#pragma once

#include "mien/kernels/selective_scan.h"
#include "mien/nn/selective_scan.h"

namespace mien::nn {

/// Throws usage unless all tensors match.
kernels::ScanShape scan_shape(const SelectiveScanInput& input, bool zero_order_hold);

SelectiveScanInput contiguous(const SelectiveScanInput& input);
/// Tensors of the same shapes, to be written.
SelectiveScanInput empty_like(const SelectiveScanInput& input);

template <typename T>
kernels::ScanInputs<T> pointers(const SelectiveScanInput& in) {
  return {in.u.const_data_ptr<T>(),       in.projections.const_data_ptr<T>(), in.dt_weight.const_data_ptr<T>(),
          in.dt_bias.const_data_ptr<T>(), in.a_logs.const_data_ptr<T>(),      in.d.const_data_ptr<T>()};
}

template <typename T>
kernels::ScanGradients<T> gradient_pointers(const SelectiveScanInput& out) {
  return {out.u.data_ptr<T>(),       out.projections.data_ptr<T>(), out.dt_weight.data_ptr<T>(),
          out.dt_bias.data_ptr<T>(), out.a_logs.data_ptr<T>(),      out.d.data_ptr<T>()};
}

#if defined(MIEN_CUDA)
/// Always true; a call links the CUDA form, to which nothing else refers.
bool has_cuda_scan();
#endif

}  // namespace mien::nn
