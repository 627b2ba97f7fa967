// SPDX-License-Identifier: Apache-2.0
// The memory that a training step takes, measured on small batches, and the memory that is free for it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "mien/nn/torch.h"

namespace mien::nn {

/// Bytes that LibTorch's allocators hand out on the device while `work` runs in this thread and in the backward passes
/// that it starts: the most that was taken at one time, on top of what was taken before. Scratch memory of oneDNN is
/// not seen, so a step needs at least as much.
double peak_memory(at::Device device, const std::function<void()>& work);

/// In bytes.
struct StepMemory {
  double fixed = 0;        ///< gradients, the optimisers' state, whatever does not depend on the batch
  double per_picture = 0;  ///< what a step keeps of each picture of the batch
  double of(std::int64_t pictures) const { return fixed + per_picture * static_cast<double>(pictures); }
};

/// Bytes that this process can still take: on a CUDA device what is free and what the allocator keeps unused, otherwise
/// base/container's memory_available(). Nothing where that is not known.
std::optional<double> free_memory(at::Device device);

/// The largest multiple of `multiple` pictures that fits into `available` bytes; 0 if none does.
std::int64_t largest_batch(const StepMemory& need, double available, std::int64_t multiple = 1);

/// Throws usage if a batch of `pictures` needs clearly more than is available (by a tenth, as the need is an estimate),
/// and names the largest batch that fits. `stage` and `setting`, the configuration's key of the batch size, are for the
/// message.
void require_memory(const StepMemory& need, std::int64_t pictures, double available, const std::string& stage,
                    const std::string& setting, std::int64_t multiple = 1);

}  // namespace mien::nn
