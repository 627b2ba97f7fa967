// SPDX-License-Identifier: Apache-2.0
// Brightness, contrast and random erasing on normalised pictures.
#pragma once

#include "mien/batch/random.h"

namespace mien::batch {

/// x → x·(1 + c) + b with c in ±contrast, b in ±brightness (in units of the normalised picture). (B,C,H,W) float32.
at::Tensor jitter(const at::Tensor& images, double contrast, double brightness, at::Generator& generator);

/// Random erasing (Zhong et al. 2020) as in torchvision.
struct ErasingOptions {
  double probability = 0.5;
  double area_low = 0.02, area_high = 0.25;  ///< share of the picture
  double ratio_low = 0.3, ratio_high = 3.3;  ///< height / width, log-uniform
  int tries = 10;                            ///< rectangles that do not fit are drawn again; none fits: unchanged
};
/// Fills one rectangle per chosen picture with 0, which is the mean after normalisation.
at::Tensor random_erasing(const at::Tensor& images, const ErasingOptions& options, at::Generator& generator);

}  // namespace mien::batch
