// SPDX-License-Identifier: Apache-2.0
// DAN's golden file: the reference network with formula weights, evaluation and training mode, losses and gradients.
#pragma once

#include "mien/methods/dan/loss.h"
#include "mien/methods/dan/network.h"
#include "mien/model/method.h"

namespace mien::methods::dan {

DanConfig golden_config(const tensor::TensorFile& golden);
/// Fills network and centres by formula, then computes every tensor that the file holds.
model::GoldenRun run_golden(DanNet& network, AffinityLoss& affinity, const tensor::TensorFile& golden);

}  // namespace mien::methods::dan
