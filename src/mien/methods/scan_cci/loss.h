// SPDX-License-Identifier: Apache-2.0
// SCAN-CCI's losses (card section 3).
#pragma once

#include "mien/methods/scan_cci/network.h"

namespace mien::methods::scan_cci {

/// Weights of the classes by their effective number of samples: e_c = (1 - β) / (1 - β^n_c), C e_c / Σ e. A class
/// without samples has weight 0. counts (K) → (K) float32
at::Tensor class_weights(const at::Tensor& counts, double beta = 0.9999);

struct ScanCciLosses {
  at::Tensor attention;   ///< L_att; undefined without the branch
  at::Tensor by_region;   ///< (R); undefined without the branch
  at::Tensor region_sum;  ///< L_reg: their sum (trap 5)
};

/// `weights` (K) or undefined: each cross-entropy is then the weighted mean over the batch.
ScanCciLosses compute_losses(const ScanCciOutput& out, const at::Tensor& labels, const at::Tensor& weights);

}  // namespace mien::methods::scan_cci
