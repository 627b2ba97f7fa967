// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <cmath>
#include <cstring>

#include "mien/base/error.h"
#include "mien/onnx/graph_editor.h"
#include "mien/onnx/passes.h"

namespace mien::onnx {
namespace {

std::string to_half(const Initializer& i) {
  std::string half;
  for (const float value : floats_of(i)) {
    const std::uint16_t bits = half_from(value);
    if (std::isfinite(value) && (bits & 0x7C00) == 0x7C00)
      throw Error(ErrorKind::failed,
                  fmt::format("Export: weight {} contains {:g}, which exceeds half precision (65504).", i.name, value),
                  "Export without half precision.");
    half.append(reinterpret_cast<const char*>(&bits), 2);
  }
  return half;
}

}  // namespace

std::uint16_t half_from(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, 4);
  const std::uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
  if (magnitude >= 0x7F800000) return static_cast<std::uint16_t>(sign | 0x7C00 | (magnitude > 0x7F800000 ? 0x200 : 0));
  if (magnitude >= 0x477FF000) return static_cast<std::uint16_t>(sign | 0x7C00);
  if (magnitude < 0x33000000) return static_cast<std::uint16_t>(sign);
  if (magnitude < 0x38800000) {  // subnormal half: value = mantissa / 2^24
    const std::uint32_t shift = 126 - (magnitude >> 23), mantissa = (magnitude & 0x7FFFFF) | 0x800000;
    const std::uint32_t kept = mantissa >> shift, rest = mantissa & ((1u << shift) - 1), middle = 1u << (shift - 1);
    return static_cast<std::uint16_t>(sign | (kept + (rest > middle || (rest == middle && (kept & 1)))));
  }
  return static_cast<std::uint16_t>(sign | (magnitude - 0x38000000 + 0xFFF + (magnitude >> 13 & 1)) >> 13);
}

void store_in_half_precision(Graph& graph, std::int64_t smallest) {
  std::vector<Node> casts;
  for (auto& i : graph.initializers) {
    if (i.type != ElementType::float32 || num_elements(i.dims) < smallest) continue;
    i.bytes = to_half(i);
    i.type = ElementType::float16;
    casts.push_back({"Cast", {i.name + ".half"}, {i.name}, {{"to", onnx_type(ElementType::float32)}}});
    i.name += ".half";
  }
  graph.nodes.insert(graph.nodes.begin(), std::make_move_iterator(casts.begin()), std::make_move_iterator(casts.end()));
}

}  // namespace mien::onnx
