// SPDX-License-Identifier: Apache-2.0
// Refuses a batch that cannot fit into memory before its stage starts.
#pragma once

#include <optional>

#include "mien/method/stage.h"
#include "mien/methods/ifer/whole.h"
#include "mien/nn/memory.h"

namespace mien::methods::ifer {

struct MemoryCheck {
  IferNet network{nullptr};
  at::Tensor path_mean;  ///< what a step may change beside the network; undefined if there is nothing
  std::string setting;   ///< the configuration's key of the stage's batch size
  int multiple = 1;      ///< of which a batch must be
  std::function<std::optional<double>(at::Device)> free_memory = nn::free_memory;
};

/// What a step of all turns takes for the batch's first rows; at least four rows. A step of two pictures and one of
/// four are run, without the optimisers' step; the network is as before afterwards, except for the gradients, which are
/// gone.
nn::StepMemory measure_step(const method::Stage& stage, const MemoryCheck& check, const batch::Batch& batch);

/// Adds the check to what the stage does at its beginning. Batches of up to four pictures are only held against the
/// memory of gradients and optimisers.
void check_memory_first(method::Stage& stage, MemoryCheck check);

}  // namespace mien::methods::ifer
