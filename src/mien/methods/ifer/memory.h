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
  at::Tensor path_mean;  ///< changed by a step in addition to the network; undefined if there is none
  std::string setting;   ///< configuration key of the stage's batch size
  int multiple = 1;      ///< a batch must be a multiple of it
  std::function<std::optional<double>(at::Device)> free_memory = nn::free_memory;
};

/// The memory need of a step of all turns, measured on the batch's first rows; at least four rows. Runs a step of two
/// pictures and one of four, without the optimisers' step; afterwards the network is unchanged, except that it has no
/// gradients.
nn::StepMemory measure_step(const method::Stage& stage, const MemoryCheck& check, const batch::Batch& batch);

/// Adds the check to the start of the stage. Batches of up to four pictures are only compared with the
/// memory of gradients and optimisers.
void check_memory_first(method::Stage& stage, MemoryCheck check);

}  // namespace mien::methods::ifer
