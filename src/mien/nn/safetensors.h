// SPDX-License-Identifier: Apache-2.0
// safetensors files (github.com/huggingface/safetensors, format description): u64 header length, JSON header, raw
// little-endian data. Used for checkpoints and golden files.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mien/nn/torch.h"

namespace mien::nn {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

struct TensorFile {
  NamedTensors tensors;  ///< in file order
  std::map<std::string, std::string> metadata;

  bool has(const std::string& name) const;
  /// Throws bad_input naming the file if there is no such tensor.
  const at::Tensor& at(const std::string& name) const;
  std::string origin;  ///< file name, for messages
};

/// Copies all tensors into memory. Every offset and size is checked against the file before anything is allocated;
/// a damaged file throws bad_input. If the metadata has "content_hash" (mien's files), the data must match it.
TensorFile read_safetensors(const std::filesystem::path& path);

/// Writes completely or not at all; adds "content_hash" over names, shapes and data. Tensors are made contiguous on the
/// CPU.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       std::map<std::string, std::string> metadata);

}  // namespace mien::nn
