// SPDX-License-Identifier: Apache-2.0
// Ada-DF's golden file: the reference network with formula weights, evaluation and training mode, losses and gradients.
#pragma once

#include "mien/method/method.h"
#include "mien/methods/ada_df/loss.h"

namespace mien::methods::ada_df {

/// Constants of the losses as the file's metadata gives them.
AdaDfConfig golden_config(const nn::TensorFile& golden);
/// Fills the network by formula, then computes every tensor that the file holds. table: the method's class
/// distributions.
method::GoldenRun run_golden(AdaDfNet& network, const AdaDfConfig& config, const at::Tensor& table,
                             const nn::TensorFile& golden);

}  // namespace mien::methods::ada_df
