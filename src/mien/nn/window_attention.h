// SPDX-License-Identifier: Apache-2.0
// Attention inside square windows of a map, with a learned bias per relative position (Liu et al. 2021, Swin, section
// 3.2).
#pragma once

#include "mien/nn/torch.h"

namespace mien::nn {

/// (N,H,W,C) → (N·windows, w², C): windows row by row, picture after picture, tokens row by row within a window. Throws
/// failed if w does not divide H and W.
at::Tensor split_windows(const at::Tensor& x, std::int64_t w);
/// The inverse of split_windows.
at::Tensor join_windows(const at::Tensor& windows, std::int64_t w, std::int64_t height, std::int64_t width);

/// (w²,w²) int64: (Δrow + w - 1)(2w - 1) + (Δcolumn + w - 1) of query i and key j, Δ = position i - position j.
at::Tensor relative_position_index(std::int64_t w);
/// table ((2w-1)², heads) → (heads, w², w²)
at::Tensor relative_position_bias(const at::Tensor& table, const at::Tensor& index);

/// (B,T,heads·d) → (B,heads,T,d)
at::Tensor split_heads(const at::Tensor& x, std::int64_t heads);

/// softmax(q kᵀ / √d + bias) v, heads joined again: q, k, v (B,heads,T,d), bias (heads,T,T) → (B,T,heads·d).
at::Tensor window_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& bias);

}  // namespace mien::nn
