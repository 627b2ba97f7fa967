// SPDX-License-Identifier: Apache-2.0
// Upsampling, FIR filtering and downsampling of maps in one operation (Karras et al. 2020, StyleGAN2, appendix B).
#pragma once

#include "mien/nn/torch.h"

namespace mien::nn {

struct Resampling {
  std::int64_t up = 1;                         ///< every sample is followed by up - 1 zeros, the last one too
  std::int64_t down = 1;                       ///< every down-th result is kept
  std::int64_t pad_before = 0, pad_after = 0;  ///< zeros around the upsampled map, on both axes; negative: crop
};

/// x (N,C,H,W) and kernel (h,w) → (N,C,H',W') with H' = (H·up + pad_before + pad_after - h) / down + 1, rounded down:
/// the map is upsampled with zeros, padded, convolved with the kernel (correlated with the flipped kernel) and
/// downsampled. The gradient is the same operation with up and down exchanged, so derivatives of every order exist with
/// respect to x; the kernel is a constant. Throws failed if the kernel does not fit into the padded map.
at::Tensor upfirdn2d(const at::Tensor& x, const at::Tensor& kernel, const Resampling& how);

/// [1,3,3,1] ⊗ [1,3,3,1] / 64 times `gain`: the filter of StyleGAN2. A filter that follows an upsampling by two has
/// gain 4. (4,4) float32.
at::Tensor fir_kernel(double gain = 1);

}  // namespace mien::nn
