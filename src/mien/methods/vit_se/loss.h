// SPDX-License-Identifier: Apache-2.0
// ViT-SE's optional loss (card 3).
#pragma once

#include "mien/nn/torch.h"

namespace mien::methods::vit_se {

/// (1 - exp(-c))² c of a batch's mean cross-entropy c, a scalar. The exponent acts on the batch's mean, so this is not
/// the focal loss (Lin et al. 2017), which weighs each sample.
at::Tensor focal_batch(const at::Tensor& cross_entropy);

}  // namespace mien::methods::vit_se
