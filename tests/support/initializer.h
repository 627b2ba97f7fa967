// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mien/onnx/graph.h"

namespace mien::testing {

inline onnx::Initializer floats(const std::string& name, std::vector<std::int64_t> dims,
                                const std::vector<float>& values) {
  return {name, onnx::ElementType::float32, std::move(dims),
          std::string(reinterpret_cast<const char*>(values.data()), 4 * values.size())};
}

}  // namespace mien::testing
