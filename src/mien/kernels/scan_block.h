// SPDX-License-Identifier: Apache-2.0
// The data with which the loops of one instruction set scan some channels of one picture. Plain data without inline
// functions: the files that include it are compiled for different processors and must not share code.
#pragma once

#include <cstdint>

namespace mien::kernels {

/// Channels per task of the forward pass; packed rows are padded to a multiple of it. A multiple of all vector lengths.
inline constexpr std::int64_t kBlock = 16;
/// Positions between two states that are stored for the backward pass.
inline constexpr std::int64_t kStride = 32;
/// Maximum number of states per channel in the loops.
inline constexpr std::int64_t kMaxStates = 32;

/// Pointers start at the block's first channel. Packed parameters have `padded` channels per row, so that a channel is
/// a lane; u, y and their gradients have `channels` per pixel.
template <typename T>
struct ScanBlock {
  std::int64_t positions, channels, padded, states, rank, directions;
  bool zero_order_hold;
  int width;                   ///< actual channels of this block, at most the loops' lanes
  const std::int32_t* orders;  ///< (K,L) pixel of each sequence position
  const T* u;                  ///< (L,channels)
  const T* projections;        ///< (L,K,R+2N): step, B, C of each pixel
  const T* dt_weight;          ///< (K,R,padded)
  const T* dt_bias;            ///< (K,padded)
  const T* a;                  ///< (K,N,padded), negative
  const T* d;                  ///< (K,padded)
  T* y;                        ///< (L,channels), written by the forward pass
  T* kept_states;              ///< (K,(L-1)/kStride,N,padded): state before each multiple of kStride; may be null

  // Backward pass only. Gradients of u are written, all others are added to.
  const T* grad_y;
  T *grad_u, *grad_projections, *grad_dt_weight, *grad_dt_bias, *grad_a, *grad_d;
};

/// The loops that one instruction set offers for float or double.
template <typename T>
struct ScanLoops {
  int lanes;  ///< channels per block
  void (*forward)(const ScanBlock<T>& block);
  void (*backward)(const ScanBlock<T>& block);
  void (*exponential)(const T* x, T* y, std::int64_t count);  ///< e^x of any count, x <= 88 (float) or 709: for tests
};

template <typename T>
ScanLoops<T> scalar_loops();
template <typename T>
ScanLoops<T> avx2_loops();
template <typename T>
ScanLoops<T> avx512_loops();

}  // namespace mien::kernels
