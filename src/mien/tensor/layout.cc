// SPDX-License-Identifier: Apache-2.0
#include "mien/tensor/layout.h"

namespace mien::tensor {

at::Tensor channels_last(const at::Tensor& images) { return images.to(images.options(), /*non_blocking=*/false, /*copy=*/false, at::MemoryFormat::ChannelsLast); }

}  // namespace mien::tensor
