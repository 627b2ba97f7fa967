// SPDX-License-Identifier: Apache-2.0
// Weights of other programs: safetensors or PyTorch's zip format (.pth, .pt), distinguished by content, as tensors.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mien/nn/safetensors.h"
#include "mien/weights/state_dict.h"
#include "mien/weights/tensor_view.h"

namespace mien::nn {

struct WeightsFile {
  TensorFile file;                   ///< origin, metadata (safetensors only) and the tensors of the chosen entry
  NamedTensors around;               ///< tensors of the dictionaries that contain the chosen entry (PyTorch only)
  std::string format;                ///< "safetensors", "PyTorch"
  std::string entry;                 ///< dictionary within the file: "model_state_dict"; empty: the file itself
  std::vector<std::string> others;   ///< other entries next to the tensors: "epoch: an integer"
  std::vector<std::string> entries;  ///< other dictionaries with tensors
};

/// A dictionary of a file that holds several: its key, and the prefix that its entries get.
struct DictPart {
  std::string entry;   ///< "base_state_dict"
  std::string prefix;  ///< "base."
};

/// Tensors of PyTorch's files are not copied: they refer to the mapped file, which stays open as long as one of them
/// lives. Copy from them, never change them in place. `containers`, `entry` and `fit` as in weights/state_dict.h. If
/// no entry is given and a PyTorch file has all of `parts`, they are joined under their prefixes; a wrapper that
/// all keys of a part share ("module.") is removed. Throws bad_input for a damaged file and for other formats, which it
/// names.
WeightsFile read_weights(const std::filesystem::path& path, const std::vector<std::string>& containers = {},
                         const std::string& entry = {}, const std::vector<DictPart>& parts = {},
                         const weights::FitOf& fit = {});

at::ScalarType to_scalar_type(weights::Dtype dtype);

}  // namespace mien::nn
