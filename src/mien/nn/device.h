// SPDX-License-Identifier: Apache-2.0
// Device and precision by name, with the choice explained.
#pragma once

#include <string>

#include "mien/nn/precision.h"
#include "mien/nn/torch.h"

namespace mien::nn {

/// "cpu", "cuda" or "cuda:1". Throws missing if this build or machine has no such device.
at::Device device_from(const std::string& name);

/// The device and precision of a run.
struct ChosenPrecision {
  bool bfloat16 = false;
  std::string reason;  ///< "requested", "the processor has AVX512-BF16", "no AMX or AVX512-BF16 here"
};
ChosenPrecision choose_precision(Precision wanted, at::Device device);

/// Same seed, same numbers: seeds LibTorch's generators of all devices.
void seed_everything(std::uint64_t seed);

}  // namespace mien::nn
