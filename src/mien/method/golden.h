// SPDX-License-Identifier: Apache-2.0
// Golden files: a method's reference outputs, losses and gradients, compared tensor by tensor.
#pragma once

#include <string>
#include <vector>

#include "mien/nn/safetensors.h"

namespace mien::method {

/// name → this build's value; names are those of the golden file.
using GoldenRun = nn::NamedTensors;

struct GoldenRow {
  std::string name;
  double relative_error = 0;  ///< ||a - b|| / ||b||
  double tolerance = 0;       ///< 1e-4 for outputs and losses, 1e-3 for gradients
  bool passed() const { return relative_error <= tolerance; }
};

struct GoldenReport {
  std::vector<GoldenRow> rows;          ///< worst relative to its tolerance first
  std::vector<std::string> unanswered;  ///< in the file, not computed by this build
  bool passed() const;
};

/// Compares all tensors of the file except inputs ("input", "labels" and what starts so).
GoldenReport compare_golden(const nn::TensorFile& golden, const GoldenRun& run);

}  // namespace mien::method
