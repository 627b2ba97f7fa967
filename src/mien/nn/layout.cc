// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/layout.h"

namespace mien::nn {

at::Tensor channels_last(const at::Tensor& images) {
  return images.to(images.options(), /*non_blocking=*/false, /*copy=*/false, at::MemoryFormat::ChannelsLast);
}

}  // namespace mien::nn
