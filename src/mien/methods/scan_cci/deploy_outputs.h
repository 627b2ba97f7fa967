// SPDX-License-Identifier: Apache-2.0
// Further outputs of an exported SCAN-CCI (card section 7).
#pragma once

#include "mien/method/deploy.h"
#include "mien/methods/scan_cci/network.h"

namespace mien::methods::scan_cci {

/// Grad-CAM at F3 with the gradient in closed form: what each cell adds to the share of the logits that the regions
/// have, through the shared network, the region means and the channel weights. Gradient times features, summed over the
/// channels, not divided by the number of cells. (B,K,h,w)
at::Tensor context_maps(const ScanCciNetImpl& network, const ScanCciOutput& out);

/// Logits, class maps, masks, how often each patch won, logits of the heads, channel weights; of the parts that are
/// there. `side` is the input's, pixels.
std::vector<method::DeployOutput> deploy_outputs(const ScanCciNetImpl& network, const ScanCciOutput& out,
                                                 std::int64_t side);

}  // namespace mien::methods::scan_cci
