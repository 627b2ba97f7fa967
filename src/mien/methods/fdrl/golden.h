// SPDX-License-Identifier: Apache-2.0
// FDRL's golden file: three networks with formula weights (plain; "small." with biases of the intra weights lowered by
// 7; "mean." with the mean of the sigmoids), each in evaluation and training mode, with losses, gradients and moved
// centres.
#pragma once

#include "mien/method/method.h"
#include "mien/methods/fdrl/network.h"

namespace mien::methods::fdrl {

/// The printed equations, with constants as the file's metadata gives them.
FdrlConfig golden_config(const nn::TensorFile& golden);
method::GoldenRun run_golden(const FdrlConfig& config, const nn::TensorFile& golden);

}  // namespace mien::methods::fdrl
