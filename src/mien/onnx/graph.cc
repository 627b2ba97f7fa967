// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/graph.h"

#include "mien/base/hash.h"
#include "mien/base/text.h"

namespace mien::onnx {

std::int64_t onnx_type(ElementType type) {
  switch (type) {
    case ElementType::float32:
      return 1;
    case ElementType::int32:
      return 6;
    case ElementType::int64:
      return 7;
    case ElementType::boolean:
      return 9;
    case ElementType::float16:
      return 10;
    case ElementType::float64:
      return 11;
  }
  return 0;
}

std::int64_t num_elements(const std::vector<std::int64_t>& dims) {
  std::int64_t count = 1;
  for (auto d : dims) count *= d;
  return count;
}

std::int64_t count_parameters(const Graph& graph) {
  std::int64_t count = 0;
  for (const auto& i : graph.initializers)
    if ((i.type == ElementType::float32 || i.type == ElementType::float16) && !i.dims.empty())
      count += num_elements(i.dims);
  return count;
}

std::int64_t count_multiply_adds(const Graph& graph) {
  std::int64_t sum = 0;
  for (const auto& node : graph.nodes) sum += node.multiply_adds;
  return sum;
}

std::string weights_hash(const Graph& graph) {
  ContentHasher hasher;
  for (const auto& i : graph.initializers) {
    std::vector<std::string> sizes;
    for (auto d : i.dims) sizes.push_back(std::to_string(d));
    hasher.update(i.name + "\n" + join(sizes, "x") + "\n");
    hasher.update(i.bytes);
  }
  return hasher.hex();
}

}  // namespace mien::onnx
