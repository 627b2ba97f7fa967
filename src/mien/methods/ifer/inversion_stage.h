// SPDX-License-Identifier: Apache-2.0
// Stage "inversion": the encoder learns to invert faces against the inversion discriminator (card 3 and 4).
#pragma once

#include "mien/face/input_spec.h"
#include "mien/method/stage.h"
#include "mien/methods/ifer/loss_networks.h"
#include "mien/methods/ifer/whole.h"

namespace mien::methods::ifer {

method::Stage inversion_stage(const IferConfig& config, const face::InputSpec& input, IferNet network,
                              const LossNetworks& losses);

}  // namespace mien::methods::ifer
