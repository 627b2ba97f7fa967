// SPDX-License-Identifier: Apache-2.0
// SCAN (card sections 2.2 to 2.4): a sigmoid mask per channel and cell, on the whole map and on each patch; the pooled
// patches are combined by a maximum, so that a covered patch loses.
#pragma once

#include <vector>

#include "mien/methods/scan_cci/config.h"
#include "mien/nn/torch.h"

namespace mien::methods::scan_cci {

/// Patches of a map (B,D,H,W) in the card's order (2.3): n × n windows of side p, then the right strip, the bottom
/// strip and the corner, n = H div p. Throws bad_input if the map is not square, or if the reference's
/// arrangement of the bottom strip does not exist (it needs H - n·p = n).
std::vector<at::Tensor> partition(const at::Tensor& map, std::int64_t window, BottomStrip bottom);
/// Number of patches of a square map of side `side`.
std::int64_t num_patches(std::int64_t side, std::int64_t window);
/// Maps of the patches (B,1,h_k,w_k), in the order of partition() with true windows, joined to (B,1,side,side).
at::Tensor tile(const std::vector<at::Tensor>& patches, std::int64_t side, std::int64_t window);

class ScanUnitImpl : public torch::nn::Module {
 public:
  ScanUnitImpl(std::int64_t channels, Unit unit);
  /// x (B,D,h,w) → mask 0..1, (B,D,h,w), or with one channel or one position, depending on the unit.
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Sequential attention{nullptr};  ///< convolution, PReLU, batch norm; in this order (trap 3)

 private:
  Unit unit_;
};
TORCH_MODULE(ScanUnit);

struct AttentionOutput {
  std::vector<at::Tensor> local_masks;  ///< per patch; empty without local attention
  at::Tensor global_mask;               ///< undefined without global attention
  at::Tensor patch_gap;                 ///< (B,P,D): means of the attended patches
  at::Tensor local, global;             ///< (B,D) each
  at::Tensor combined;                  ///< of unit length, (B,2D) or (B,D)
  at::Tensor logits;                    ///< (B,K)
};

class AttentionBranchImpl : public torch::nn::Module {
 public:
  /// `side`: of the map F2 at the configured input size; separate units need the number of patches.
  AttentionBranchImpl(const ScanCciConfig& config, std::int64_t channels, std::int64_t side, std::int64_t num_classes);
  AttentionOutput forward(const at::Tensor& f2);

  std::vector<ScanUnit> local_units;  ///< one per patch, or a single shared one; empty for the unit `none`
  ScanUnit global_unit{nullptr};
  torch::nn::Linear fc{nullptr};

 private:
  std::vector<at::Tensor> masks_of(const std::vector<at::Tensor>& patches);

  ScanCciConfig config_;
};
TORCH_MODULE(AttentionBranch);

}  // namespace mien::methods::scan_cci
