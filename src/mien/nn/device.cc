// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/device.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/machine.h"
#include "mien/base/text.h"

namespace mien::nn {
at::Device device_from(const std::string& name) {
  if (name == "cpu") return at::Device(at::kCPU);
  if (name != "cuda" && !name.starts_with("cuda:"))
    fail_usage(fmt::format("Unknown device {}.", quote(name)), "Valid: cpu, cuda, cuda:N.");
  const auto number = name == "cuda" ? 0 : parse_int(name.substr(5)).value_or(-1);
  if (!torch::cuda::is_available() || number < 0 || number >= static_cast<long long>(torch::cuda::device_count()))
    throw Error(ErrorKind::missing,
                fmt::format("Device {} is not available; this build and machine have {} CUDA devices.", quote(name),
                            torch::cuda::is_available() ? torch::cuda::device_count() : 0),
                "Use --device cpu, or build against a CUDA build of PyTorch (docs/getting-started.md).");
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(number));
}

ChosenPrecision choose_precision(Precision wanted, at::Device device) {
  if (wanted == Precision::float32) return {false, "requested"};
  if (wanted == Precision::bfloat16) return {true, "requested"};
  if (device.is_cuda()) return {true, "the device is CUDA"};
  const Machine machine = this_machine();
  if (machine.has("amx_bf16")) return {true, "the processor has AMX"};
  if (machine.has("avx512_bf16")) return {true, "the processor has AVX512-BF16"};
  return {false, "the processor has neither AMX nor AVX512-BF16"};
}

void seed_everything(std::uint64_t seed) {
  torch::manual_seed(static_cast<std::uint64_t>(seed & 0x7FFFFFFFFFFFFFFFULL));
}

}  // namespace mien::nn
