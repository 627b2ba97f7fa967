// SPDX-License-Identifier: Apache-2.0
// Memory layout of pictures and convolution weights.
#pragma once

#include "mien/nn/torch.h"

namespace mien::nn {

/// (N,C,H,W) with channels innermost in memory, and strides that show it even if C, or H and W, are 1.
/// Tensor::contiguous does not change the strides of such tensors; the first layer on grey pictures would then
/// choose the plain layout, and the whole network after it.
at::Tensor channels_last(const at::Tensor& images);

}  // namespace mien::nn
