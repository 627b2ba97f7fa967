// SPDX-License-Identifier: Apache-2.0
// What an export with the generator gives besides: the inversion of each face, and the codes that it is made of.
#pragma once

#include <vector>

#include "mien/method/deploy.h"
#include "mien/methods/ifer/whole.h"

namespace mien::methods::ifer {

/// "reconstruction" (N,channels,S,S), with the generator's fixed noise; "codes" (N,num_codes,C) as the generator gets
/// them; "structure" (N,C,4,4) where the network uses one; "mean_code" (N,1,C), the same for each face.
std::vector<method::DeployOutput> reconstruction_outputs(IferNet& network, const EncoderOutput& encoder,
                                                         std::int64_t channels);

}  // namespace mien::methods::ifer
