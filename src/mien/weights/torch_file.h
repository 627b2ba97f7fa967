// SPDX-License-Identifier: Apache-2.0
// PyTorch's file format since 1.6: a zip archive with one pickle (data.pkl) and the storages as stored entries.
#pragma once

#include <span>
#include <string>

#include "mien/weights/value.h"

namespace mien::weights {

/// True for the format read here and for the ones that read_torch_file refuses by name (before 1.6, bare pickles).
bool looks_like_torch(std::span<const std::byte> bytes);

/// `bytes` (the whole file) must outlive the result, whose tensors refer to it. Throws bad_input if the file is
/// truncated (bytes found and bytes expected), big-endian, of the format before 1.6, a TorchScript
/// program, or not plain data.
Pickle read_torch_file(std::span<const std::byte> bytes, const std::string& origin);

}  // namespace mien::weights
