// SPDX-License-Identifier: Apache-2.0
// Selective scan of a map in up to eight directions, merged (Mamba's recurrence; directions and sums of
// FER-YOLO-Mamba's OSS block, card 2.2). For each direction k, channel d and sequence position t at pixel p:
//   Δ = softplus(dt_weight[k,d] · step[p,k] + dt_bias[k,d]),  A = -exp(a_logs[k,d]),  x_0 = 0
//   x_t = exp(Δ A) ⊙ x_{t-1} + w u[p,d] B[p,k],  w = Δ, or (exp(Δ A) - 1)/A with zero-order hold
//   y[p,d] += C[p,k] · x_t + d[k,d] u[p,d]
// Results do not depend on the number of threads, bit for bit.
#pragma once

#include <cstdint>

#include "mien/kernels/instruction_set.h"
#include "mien/kernels/parallel.h"

namespace mien::kernels {

struct ScanShape {
  std::int64_t pictures = 1;
  int height = 1, width = 1;
  std::int64_t channels = 1;
  int states = 16;     ///< N, at most 32; 16 has the fast path
  int rank = 1;        ///< R, of the step size's projection
  int directions = 8;  ///< K: 8, 4, 2 or 1 (scan_order.h)
  bool zero_order_hold = false;

  std::int64_t positions() const { return std::int64_t{height} * width; }
  /// Values of one pixel and direction in `projections`: R of the step, N of B, N of C.
  std::int64_t row() const { return rank + 2 * std::int64_t{states}; }
};

/// All row-major and contiguous.
template <typename T>
struct ScanInputs {
  const T* u;            ///< (pictures,H,W,D)
  const T* projections;  ///< (pictures,H,W,K,R+2N): step, B, C
  const T* dt_weight;    ///< (K,D,R)
  const T* dt_bias;      ///< (K,D)
  const T* a_logs;       ///< (K·D,N)
  const T* d;            ///< (K·D)
};

/// Shapes as the inputs'. All are written.
template <typename T>
struct ScanGradients {
  T *u, *projections, *dt_weight, *dt_bias, *a_logs, *d;
};

/// Values that selective_scan() stores for the backward pass: the states at every 32nd position.
std::int64_t kept_state_count(const ScanShape& shape);

/// y (pictures,H,W,D); `kept_states` may be null. Throws usage for a shape beyond the kernel's limits, and for an
/// instruction set that this processor lacks.
template <typename T>
void selective_scan(const ScanShape& shape, const ScanInputs<T>& inputs, T* y, T* kept_states, const Parallel& parallel,
                    InstructionSet set = widest_instruction_set());

/// Gradients for `grad_y` (pictures,H,W,D) and the states stored by the same call. B and C are shared by all channels:
/// their gradients are added up in groups of 64 channels, in the order of the channels.
template <typename T>
void selective_scan_backward(const ScanShape& shape, const ScanInputs<T>& inputs, const T* kept_states, const T* grad_y,
                             const ScanGradients<T>& gradients, const Parallel& parallel,
                             InstructionSet set = widest_instruction_set());

}  // namespace mien::kernels
