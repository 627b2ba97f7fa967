// SPDX-License-Identifier: Apache-2.0
// SCAN-CCI's network (card section 2): base, attention branch, context branch; keys base.*, attention.*, region.*, as
// in the reference's three state dictionaries.
#pragma once

#include "mien/methods/scan_cci/attention.h"
#include "mien/methods/scan_cci/base.h"
#include "mien/methods/scan_cci/context.h"

namespace mien::methods::scan_cci {

struct ScanCciOutput {
  BaseOutput base;
  AttentionOutput attention;  ///< logits undefined without the branch
  ContextOutput context;      ///< logits undefined without the branch
  at::Tensor logits;          ///< (B,K): mean of the heads
};

class ScanCciNetImpl : public torch::nn::Module {
 public:
  /// `side`: of the input in pixels; separate attention units need the number of patches.
  ScanCciNetImpl(const ScanCciConfig& config, std::int64_t num_classes, std::int64_t in_channels, std::int64_t side);
  ScanCciOutput forward(const at::Tensor& images);

  const ScanCciConfig& config() const { return config_; }

  Base base{nullptr};
  AttentionBranch attention{nullptr};
  ContextBranch region{nullptr};

 private:
  ScanCciConfig config_;
};
TORCH_MODULE(ScanCciNet);

/// Card sections 2.1 and 2.4: He-normal (fan-out) convolutions in the base, LibTorch's default in both branches.
void initialise(ScanCciNet& network);

}  // namespace mien::methods::scan_cci
