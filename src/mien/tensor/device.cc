// SPDX-License-Identifier: Apache-2.0
#include "mien/tensor/device.h"

#include <fstream>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::tensor {
namespace {

/// Linux lists instruction sets per processor; elsewhere none is claimed.
bool processor_has(const std::string& flag) {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("flags")) return (line + " ").find(" " + flag + " ") != std::string::npos;
  return false;
}

}  // namespace

at::Device device_from(const std::string& name) {
  if (name == "cpu") return at::Device(at::kCPU);
  if (name != "cuda" && !name.starts_with("cuda:"))
    fail_usage(text("Unknown device ", quote(name), "."), "Valid: cpu, cuda, cuda:N.");
  const auto number = name == "cuda" ? 0 : parse_int(name.substr(5)).value_or(-1);
  if (!torch::cuda::is_available() || number < 0 || number >= static_cast<long long>(torch::cuda::device_count()))
    throw Error(ErrorKind::missing, text("Device ", quote(name), " is not available; this build and machine see ",
                                         torch::cuda::is_available() ? torch::cuda::device_count() : 0, " CUDA devices."),
                "Use --device cpu, or build against a CUDA build of PyTorch (docs/getting-started.md).");
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(number));
}

Precision precision_from(const std::string& name, at::Device device) {
  if (name == "float32") return {false, "asked for"};
  if (name == "bfloat16") return {true, "asked for"};
  if (device.is_cuda()) return {true, "the device is CUDA"};
  if (processor_has("amx_bf16")) return {true, "the processor has AMX"};
  if (processor_has("avx512_bf16")) return {true, "the processor has AVX512-BF16"};
  return {false, "the processor has neither AMX nor AVX512-BF16"};
}

void seed_everything(std::uint64_t seed) { torch::manual_seed(static_cast<std::uint64_t>(seed & 0x7FFFFFFFFFFFFFFFULL)); }

}  // namespace mien::tensor
