// SPDX-License-Identifier: Apache-2.0
// The index of a safetensors file (github.com/huggingface/safetensors, format description): u64 header length, JSON
// header, raw little-endian data.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "mien/weights/tensor_view.h"

namespace mien::weights {

struct SafetensorsIndex {
  std::vector<NamedView> tensors;  ///< in the order of the header
  std::map<std::string, std::string> metadata;
};

/// `bytes` (the whole file) must outlive the result, whose tensors refer to it. Throws bad_input if the file is
/// truncated (bytes found and bytes expected), damaged, or if its tensors claim more bytes than it
/// has.
SafetensorsIndex read_safetensors_index(std::span<const std::byte> bytes, const std::string& origin);

}  // namespace mien::weights
