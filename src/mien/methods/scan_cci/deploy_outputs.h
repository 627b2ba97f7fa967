// SPDX-License-Identifier: Apache-2.0
// Further outputs of an exported SCAN-CCI (card section 7).
#pragma once

#include "mien/method/deploy.h"
#include "mien/methods/scan_cci/network.h"

namespace mien::methods::scan_cci {

/// Grad-CAM at F3 with the gradient in closed form: each cell's contribution to the regions' share
/// of the logits, through the shared network, the region means and the channel weights. Gradient times features, summed
/// over the channels, not divided by the number of cells. (B,K,h,w)
at::Tensor context_maps(const ScanCciNetImpl& network, const ScanCciOutput& out);

/// Logits, class maps, masks, how often each patch won, logits of the heads, channel weights; of the parts that
/// exist. `side` is that of the input, pixels.
std::vector<method::DeployOutput> deploy_outputs(const ScanCciNetImpl& network, const ScanCciOutput& out,
                                                 std::int64_t side);

}  // namespace mien::methods::scan_cci
