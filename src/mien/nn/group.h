// SPDX-License-Identifier: Apache-2.0
// Named groups of modules, for state dictionaries with a level that computes nothing.
#pragma once

#include <string>

#include "mien/nn/torch.h"

namespace mien::nn {

class GroupImpl : public torch::nn::Module {
 public:
  /// Registers the module under the name, and returns it.
  template <class Holder>
  Holder add(const std::string& name, const Holder& module) {
    return register_module(name, module);
  }
};
TORCH_MODULE(Group);

}  // namespace mien::nn
