// SPDX-License-Identifier: Apache-2.0
// Convolution whose weights are scaled per picture by a style and normalised again (Karras et al. 2020, equations 1
// and 3).
#pragma once

#include "mien/nn/torch.h"

namespace mien::nn {

/// Two equivalent algorithms: one grouped convolution with a set of weights per picture, or one shared convolution
/// of the scaled input whose output is scaled again. The second is faster on processors (docs/performance.md).
enum class Modulation { scaled_maps, weights_per_picture };

struct ModulatedConvOptions {
  bool demodulate = true;
  bool upsample = false;  ///< transposed convolution with stride 2 and no padding: (H,W) → (2H+k-2, 2W+k-2)
  Modulation form = Modulation::scaled_maps;
};

/// x (N,in,H,W), weight (out,in,k,k), style (N,in) → (N,out,H,W), zero padding k/2, stride 1. With W = weight·style per
/// picture; demodulated: W / √(Σ_{in,k,k} W² + 1e-8) per picture and output channel. Twice differentiable in all three.
at::Tensor modulated_conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& style,
                            const ModulatedConvOptions& options);

}  // namespace mien::nn
