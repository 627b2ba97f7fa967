// SPDX-License-Identifier: Apache-2.0
// Additional outputs of an export with the generator: the inversion of each face, and the codes of the inversion.
#pragma once

#include <vector>

#include "mien/method/deploy.h"
#include "mien/methods/ifer/whole.h"

namespace mien::methods::ifer {

/// "reconstruction" (N,channels,S,S), with the generator's fixed noise; "codes" (N,num_codes,C) as given to the
/// generator; "structure" (N,C,4,4) if the network uses one; "mean_code" (N,1,C), the same for each face.
std::vector<method::DeployOutput> reconstruction_outputs(IferNet& network, const EncoderOutput& encoder,
                                                         std::int64_t channels);

}  // namespace mien::methods::ifer
