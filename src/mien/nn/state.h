// SPDX-License-Identifier: Apache-2.0
// A network's state by key: collect, load with a full report of what did not fit, fill by the golden formula.
#pragma once

#include <string>
#include <vector>

#include "mien/nn/safetensors.h"

namespace mien::nn {

/// Parameters and buffers with their state-dict keys, sharing storage with the module; parameters of each submodule
/// come before its buffers, as PyTorch orders them.
NamedTensors state_of(const torch::nn::Module& module);

struct LoadReport {
  std::vector<std::string> missing;     ///< in the network, not in the file
  std::vector<std::string> unexpected;  ///< in the file, not in the network
  std::vector<std::string> mismatched;  ///< "key: (64,1,7,7) in the file, (64,3,7,7) here"
  bool complete() const { return missing.empty() && unexpected.empty() && mismatched.empty(); }
};

/// Copies by key. `strict`: unmatched entries on either side throw bad_input with the first names, before
/// any value is changed.
LoadReport load_state(torch::nn::Module& module, const NamedTensors& source, const std::string& origin,
                      bool strict = true);

/// The golden files' formula weights: every value depends only on salt, key and element index (FNV-1a of
/// "salt:key", then SplitMix64; scaled by the kind of parameter).
at::Tensor formula_tensor(const std::string& salt, const std::string& key, at::IntArrayRef shape,
                          at::ScalarType type = at::kFloat);
/// The same stream without the scaling: 2u - 1 for every element (inputs of the golden files).
at::Tensor formula_input(const std::string& salt, const std::string& key, at::IntArrayRef shape);
void fill_by_formula(torch::nn::Module& module, const std::string& salt);

/// Key prefixes, theirs → ours, tried in order; the first match applies. A key without a match is dropped; without
/// prefixes all keys stay. Then every occurrence of each infix is replaced, in order (".norm.1." → ".norm1.").
struct RenameRules {
  std::vector<std::pair<std::string, std::string>> prefixes;
  std::vector<std::pair<std::string, std::string>> infixes = {};
  NamedTensors apply(const NamedTensors& source) const;
};

std::int64_t count_parameters(const torch::nn::Module& module);

}  // namespace mien::nn
