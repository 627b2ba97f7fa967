// SPDX-License-Identifier: Apache-2.0
// DNFER's golden file: the reference network with formula weights on a weak and a strong view, evaluation and training
// mode, losses, thresholds, masks; gradients and statistics as the card gives them from the same run.
#pragma once

#include "mien/methods/dnfer/loss.h"
#include "mien/model/method.h"

namespace mien::methods::dnfer {

/// Fills the network by formula, then computes every tensor that the file holds.
model::GoldenRun run_golden(DnferNet& network, const DnferConfig& config, const tensor::TensorFile& golden);

}  // namespace mien::methods::dnfer
