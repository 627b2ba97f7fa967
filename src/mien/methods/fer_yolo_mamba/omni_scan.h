// SPDX-License-Identifier: Apache-2.0
// SS2D with eight directions (OSSM): a map scanned along rows, columns, both diagonals and their reverses by a
// selective state-space model, and summed (card 2.2). Keys are the published code's.
#pragma once

#include "mien/nn/torch.h"

namespace mien::methods::fer_yolo_mamba {

struct OmniScanOptions {
  std::int64_t channels = 256;   ///< m; the scan itself runs on 2 m
  std::int64_t directions = 8;   ///< K: 8, 4, 2 or 1; parameters exist for these only
  bool zero_order_hold = false;  ///< B̄ = (e^{ΔA} - 1)/A · B instead of Δ B
};

inline constexpr std::int64_t kScanStates = 16;  ///< N

class OmniScanImpl : public torch::nn::Module {
 public:
  explicit OmniScanImpl(const OmniScanOptions& options);
  /// (B,H,W,m) → (B,H,W,m); the scan runs in float32 at least, in mixed precision too
  at::Tensor forward(const at::Tensor& x) { return run(x, nullptr); }
  /// The same; `steps`, if given, receives the result of step_sizes() from the same projections.
  at::Tensor run(const at::Tensor& x, at::Tensor* steps);
  /// Step sizes Δ (B,H,W,K), mean over channels: how strongly each direction updates its state. `x` as in forward().
  at::Tensor step_sizes(const at::Tensor& x);
  /// Card 2.2, last column of the table, except for the depthwise weight, which the network's own rule initialises.
  void reset_parameters();

  /// Expresses the scan in LibTorch's own operators, for export without mien's operator; slower.
  bool is_portable = false;

  torch::nn::Linear in_proj{nullptr}, out_proj{nullptr};
  torch::nn::Conv2d conv2d{nullptr};
  torch::nn::LayerNorm out_norm{nullptr};
  at::Tensor x_proj_weight;                   ///< (K,R+2N,D)
  at::Tensor dt_projs_weight, dt_projs_bias;  ///< (K,D,R), (K,D)
  at::Tensor a_logs, ds;                      ///< A_logs (K·D,N), Ds (K·D)

 private:
  at::Tensor scanned_input(const at::Tensor& u) const;       ///< (B,H,W,D) of the first half of in_proj's result
  at::Tensor project(const at::Tensor& u) const;             ///< (B,H,W,K,R+2N)
  at::Tensor steps_of(const at::Tensor& projections) const;  ///< (B,H,W,K)

  OmniScanOptions options_;
  std::int64_t inner_, rank_;
};
TORCH_MODULE(OmniScan);

}  // namespace mien::methods::fer_yolo_mamba
