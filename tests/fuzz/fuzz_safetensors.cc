// SPDX-License-Identifier: Apache-2.0
// safetensors files: for any header, a tensor's bytes must be in the file and fit its shape.
#include <cstdint>
#include <cstdlib>

#include "mien/base/error.h"
#include "mien/weights/safetensors_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    std::size_t total = 0;
    for (const auto& [name, view] : mien::weights::read_safetensors_index(bytes, "fuzz.safetensors").tensors) {
      std::size_t count = mien::weights::element_size(view.dtype);
      for (const auto n : view.shape) count *= static_cast<std::size_t>(n);
      if (count != view.storage.size()) std::abort();
      if (count && (view.storage.data() < bytes.data() || view.storage.data() + count > bytes.data() + size))
        std::abort();
      total += count;
    }
    if (total > size) std::abort();
  } catch (const mien::Error&) {
  }
  return 0;
}
