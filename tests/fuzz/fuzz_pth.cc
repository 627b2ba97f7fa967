// SPDX-License-Identifier: Apache-2.0
// PyTorch's files: a zip archive is read whole (entries without a checksum pass, so changed ones do too), anything
// else only as a pickle. The bytes of every resulting tensor are read.
#include <cstdint>
#include <string>

#include "mien/base/error.h"
#include "mien/weights/pickle.h"
#include "mien/weights/state_dict.h"
#include "mien/weights/torch_file.h"

namespace {

using namespace mien::weights;

/// Reads the first and the last byte that a view covers.
int touch(const TensorView& view) {
  std::int64_t last = view.offset;
  for (std::size_t i = 0; i < view.shape.size(); ++i) {
    if (view.shape[i] == 0) return 0;
    last += (view.shape[i] - 1) * view.strides[i];
  }
  const auto size = element_size(view.dtype);
  return static_cast<int>(view.storage[static_cast<std::size_t>(view.offset) * size]) +
         static_cast<int>(view.storage[static_cast<std::size_t>(last) * size + size - 1]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  static const std::string storage(64, '\1');
  static volatile int sink = 0;
  try {
    const Pickle pickle = size > 1 && data[0] == 'P' && data[1] == 'K'
                              ? read_torch_file(bytes, "fuzz.pth")
                              : unpickle(bytes, "fuzz.pth", [](std::string_view, std::uint64_t) {
                                  return std::optional(std::as_bytes(std::span(storage.data(), storage.size())));
                                });
    for (const auto& view : pickle.tensors) sink = sink + touch(view);
    for (const auto& [name, view] : find_state_dict(*pickle.root, {"model_state_dict"}, "", "fuzz.pth").tensors)
      sink = sink + touch(view);
  } catch (const mien::Error&) {
  }
  return 0;
}
