// SPDX-License-Identifier: Apache-2.0
// Bias, leaky ReLU and the gain that keeps the variance, in one operation (StyleGAN2).
#pragma once

#include "mien/nn/torch.h"

namespace mien::nn {

/// √2 · leaky_relu(x + bias, 0.2). x (N,C,...), bias (C). Keeps only its result for the backward pass, and can be
/// differentiated any number of times.
at::Tensor fused_leaky_relu(const at::Tensor& x, const at::Tensor& bias);

}  // namespace mien::nn
