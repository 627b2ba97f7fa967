// SPDX-License-Identifier: Apache-2.0
// DAN's golden file: the reference network with formula weights, evaluation and training mode, losses and gradients.
#pragma once

#include "mien/method/method.h"
#include "mien/methods/dan/loss.h"
#include "mien/methods/dan/network.h"

namespace mien::methods::dan {

DanConfig golden_config(const nn::TensorFile& golden);
/// Fills network and centres by formula, then computes every tensor that the file holds.
method::GoldenRun run_golden(DanNet& network, AffinityLoss& affinity, const nn::TensorFile& golden);

}  // namespace mien::methods::dan
