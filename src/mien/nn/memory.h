// SPDX-License-Identifier: Apache-2.0
// The memory that a training step needs, measured on small batches, and the memory that is free for it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "mien/nn/torch.h"

namespace mien::nn {

/// Bytes allocated by LibTorch on the device while `work` runs in this thread and in the backward passes
/// that it starts: the peak, in addition to what was allocated before. Scratch memory of oneDNN is
/// not included, so a step needs at least as much.
double peak_memory(at::Device device, const std::function<void()>& work);

/// In bytes.
struct StepMemory {
  double fixed = 0;        ///< gradients, the optimisers' state, everything independent of the batch
  double per_picture = 0;  ///< kept by a step for each picture of the batch
  double of(std::int64_t pictures) const { return fixed + per_picture * static_cast<double>(pictures); }
};

/// Bytes that this process can still use: on a CUDA device free memory and the allocator's unused cache, otherwise
/// base/container's memory_available(). Nothing if that is not known.
std::optional<double> free_memory(at::Device device);

/// The largest multiple of `multiple` pictures that fits into `available` bytes; 0 if none does.
std::int64_t largest_batch(const StepMemory& need, double available, std::int64_t multiple = 1);

/// Throws usage if a batch of `pictures` needs clearly more than is available (by a tenth, as the need is an estimate),
/// and names the largest batch that fits. `stage` and `setting`, the configuration key of the batch size, go into the
/// message.
void require_memory(const StepMemory& need, std::int64_t pictures, double available, const std::string& stage,
                    const std::string& setting, std::int64_t multiple = 1);

}  // namespace mien::nn
