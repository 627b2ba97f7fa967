// SPDX-License-Identifier: Apache-2.0
// The selective scan (kernels/selective_scan.h) as an operator of LibTorch, mien::selective_scan, with its gradient.
// Export records it as one operator.
#pragma once

#include "mien/nn/torch.h"

namespace mien::nn {

struct SelectiveScanInput {
  at::Tensor u;            ///< (B,H,W,D)
  at::Tensor projections;  ///< (B,H,W,K,R+2N): step, input B and output C of each pixel and direction
  at::Tensor dt_weight;    ///< (K,D,R)
  at::Tensor dt_bias;      ///< (K,D)
  at::Tensor a_logs;       ///< (K·D,N); the decay rates are -exp(a_logs)
  at::Tensor d;            ///< (K·D), weight of the input itself
};

/// Sum over K = 8, 4, 2 or 1 directions of the scanned map, (B,H,W,D). float32 or float64, the same for all tensors: in
/// mixed precision the caller casts. Runs on the CPU, or on CUDA if this build has it. Throws usage for tensors that
/// do not match, or for more than 32 states.
at::Tensor selective_scan(const SelectiveScanInput& input, bool zero_order_hold = false);

/// The same with LibTorch's operators, as an associative scan with doubled distance each time (Hillis and Steele
/// 1986): for export without mien's operator. Needs memory for (B,H·W,D,N) per direction and log2(H·W) passes over
/// it.
at::Tensor portable_selective_scan(const SelectiveScanInput& input, bool zero_order_hold = false);

}  // namespace mien::nn
