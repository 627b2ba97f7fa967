// SPDX-License-Identifier: Apache-2.0
// The selective scan on CUDA, for builds with the CUDA compiler: the same order of sums as on the processor, so a
// result does not depend on the number of blocks. All pointers are device pointers; work is queued on `stream`.
#pragma once

#include "mien/kernels/selective_scan.h"

namespace mien::kernels {

/// y (pictures,H,W,D). `orders`: scan_orders() on the device. `kept_states`: kept_state_count_cuda() values, or null.
template <typename T>
void selective_scan_cuda(const ScanShape& shape, const ScanInputs<T>& inputs, const std::int32_t* orders, T* y,
                         T* kept_states, void* stream);

/// Gradients for `grad_y`. `scratch`: scratch_count_cuda() values.
template <typename T>
void selective_scan_backward_cuda(const ScanShape& shape, const ScanInputs<T>& inputs, const std::int32_t* orders,
                                  const T* kept_states, const T* grad_y, const ScanGradients<T>& gradients, T* scratch,
                                  void* stream);

std::int64_t kept_state_count_cuda(const ScanShape& shape);
std::int64_t scratch_count_cuda(const ScanShape& shape);

}  // namespace mien::kernels
