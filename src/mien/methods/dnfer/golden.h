// SPDX-License-Identifier: Apache-2.0
// DNFER's golden file: the reference network with formula weights on a weak and a strong view, evaluation and training
// mode, losses, thresholds, masks; gradients and statistics as the card gives them from the same run.
#pragma once

#include "mien/method/method.h"
#include "mien/methods/dnfer/loss.h"

namespace mien::methods::dnfer {

/// Fills the network by formula, then computes every tensor that the file holds.
method::GoldenRun run_golden(DnferNet& network, const DnferConfig& config, const nn::TensorFile& golden);

}  // namespace mien::methods::dnfer
