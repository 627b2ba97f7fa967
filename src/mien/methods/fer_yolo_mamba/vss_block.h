// SPDX-License-Identifier: Apache-2.0
// FER-YOLO-VSS, the dual-branch block of the neck (card 2.1): half of the channels through convolutions with channel
// attention (FRM), half through the omnidirectional scan (OSS), mixed and added to the input.
#pragma once

#include "mien/methods/fer_yolo_mamba/omni_scan.h"

namespace mien::methods::fer_yolo_mamba {

struct VssOptions {
  std::int64_t channels = 256;  ///< h
  bool convolutions = true;     ///< FRM; false: the left half passes unchanged
  bool scan = true;             ///< OSS; false: the right half passes unchanged
  bool attention = true;        ///< ABMLP inside FRM
  std::int64_t directions = 8;
  bool zero_order_hold = false;
};

/// Values that explain a block's result; undefined if it lacks the branch.
struct VssEvidence {
  at::Tensor gate;   ///< ABMLP's gate (B,h/4), 0..1
  at::Tensor steps;  ///< step sizes Δ of the scan (B,K,H,W), mean over channels: how strongly each direction writes
};

/// ABMLP: a gate per channel from the mean over the map, through three linear layers without biases.
class ChannelGateImpl : public torch::nn::Module {
 public:
  explicit ChannelGateImpl(std::int64_t channels);
  /// x (B,C,H,W) → gate (B,C), 0..1
  at::Tensor gate(const at::Tensor& x);
  at::Tensor forward(const at::Tensor& x) { return run(x, nullptr); }
  at::Tensor run(const at::Tensor& x, at::Tensor* gate);  ///< the same; `gate`, if given, receives the gate

  torch::nn::Sequential fc{nullptr};
};
TORCH_MODULE(ChannelGate);

class VssBlockImpl : public torch::nn::Module {
 public:
  explicit VssBlockImpl(const VssOptions& options);
  /// (B,h,H,W) → (B,h,H,W); the first half of the channels goes to FRM, the second to OSS
  at::Tensor forward(const at::Tensor& x) { return run(x, nullptr); }
  /// The same; `evidence`, if given, is filled.
  at::Tensor run(const at::Tensor& x, VssEvidence* evidence);
  at::Tensor left(const at::Tensor& x);        ///< FRM's result (B,h/2,H,W)
  at::Tensor right(const at::Tensor& x);       ///< OSS' result (B,h/2,H,W)
  at::Tensor scan_input(const at::Tensor& x);  ///< the input of the scan: (B,H,W,h/2), normalised
  at::Tensor gate(const at::Tensor& x);        ///< ABMLP's gate (B,h/4)

  torch::nn::LayerNorm ln_1{nullptr};  ///< null without the scan
  OmniScan self_attention{nullptr};    ///< null without the scan
  torch::nn::Sequential frm{nullptr};  ///< null without the convolutions
  torch::nn::Conv2d finalconv11{nullptr};

 private:
  at::Tensor left(const at::Tensor& x, VssEvidence* evidence);
  at::Tensor right(const at::Tensor& x, VssEvidence* evidence);

  ChannelGate gate_{nullptr};  ///< frm.3; null without attention
};
TORCH_MODULE(VssBlock);

}  // namespace mien::methods::fer_yolo_mamba
