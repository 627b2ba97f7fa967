// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/vit_se/loss.h"

namespace mien::methods::vit_se {

at::Tensor focal_batch(const at::Tensor& cross_entropy) {
  return (1 - (-cross_entropy).exp()).square() * cross_entropy;
}

}  // namespace mien::methods::vit_se
