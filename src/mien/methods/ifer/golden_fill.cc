// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/golden_fill.h"

#include <cmath>
#include <map>

#include "mien/methods/ifer/modulated.h"
#include "mien/methods/ifer/perceptual.h"
#include "mien/nn/state.h"

namespace mien::methods::ifer {
namespace {

/// Key of a weight → the factor of 2u - 1, for equalised layers.
std::map<std::string, double> equalised_weights(torch::nn::Module& module) {
  std::map<std::string, double> factors;
  for (const auto& entry : module.named_modules("", /*include_self=*/false)) {
    const std::string key = entry.key() + ".weight";
    if (const auto* linear = entry.value()->as<EqualLinearImpl>())
      factors[key] = std::sqrt(3.0) / linear->options.rate;
    else if (entry.value()->as<EqualConv2dImpl>() || entry.value()->as<ModulatedConv2dImpl>())
      factors[key] = std::sqrt(3.0);
  }
  return factors;
}

bool is_constant(const std::string& key) {
  return key.ends_with("kernel") || key.ends_with("relative_position_index") || key == "net.mean" || key == "net.std";
}

}  // namespace

void fill_golden(torch::nn::Module& module, const std::string& salt, const std::string& prefix) {
  const torch::NoGradGuard no_grad;
  const auto factors = equalised_weights(module);
  for (auto& [key, tensor] : nn::state_of(module)) {
    if (is_constant(key)) continue;
    const auto factor = factors.find(key);
    if (factor == factors.end())
      tensor.copy_(nn::formula_tensor(salt, prefix + key, tensor.sizes(), tensor.scalar_type()));
    else
      tensor.copy_(nn::formula_input(salt, prefix + key, tensor.sizes()) * factor->second);
  }
}

}  // namespace mien::methods::ifer
