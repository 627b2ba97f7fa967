// SPDX-License-Identifier: Apache-2.0
// A tensor inside a mapped file: element type, shape, strides, and the position of its bytes. Nothing is copied here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mien::weights {

enum class Dtype : std::uint8_t {
  f64,
  f32,
  f16,
  bf16,
  i64,
  i32,
  i16,
  i8,
  u8,
  boolean,
  c64,
  c128,
  u16,
  u32,
  u64,
  f8_e4m3,
  f8_e5m2
};

std::size_t element_size(Dtype dtype);    ///< bytes
std::string_view to_string(Dtype dtype);  ///< PyTorch's name: "float32"
/// By safetensors' name ("F32"), by PyTorch's name ("float32"), by PyTorch's storage class ("FloatStorage").
std::optional<Dtype> dtype_from_safetensors(std::string_view name);
std::optional<Dtype> dtype_from_torch(std::string_view name);
std::optional<Dtype> dtype_from_storage(std::string_view name);

struct TensorView {
  Dtype dtype = Dtype::f32;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;   ///< elements, >= 0; as many as sizes
  std::int64_t offset = 0;             ///< first element within the storage
  std::span<const std::byte> storage;  ///< little-endian; several views may share one
};

inline constexpr std::size_t kMaxRank = 16;

/// Strides of a row-major tensor. Sizes must have passed check_view or be known small.
std::vector<std::int64_t> row_major(const std::vector<std::int64_t>& shape);
/// Throws bad_input unless rank and sizes are possible and every element is in the storage. `where` starts the
/// message.
void check_view(const TensorView& view, const std::string& where);
/// "(64, 3, 7, 7)"
std::string describe_shape(const std::vector<std::int64_t>& shape);

struct NamedView {
  std::string name;
  TensorView view;
};

}  // namespace mien::weights
