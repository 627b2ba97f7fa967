// SPDX-License-Identifier: Apache-2.0
#include "mien/weights/tensor_view.h"

#include <fmt/core.h>

#include <limits>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::weights {
namespace {

struct Known {
  Dtype dtype;
  std::size_t bytes;
  std::string_view safetensors, torch, storage;
};
// In the order of the enumeration. Newer types have no storage class in PyTorch.
constexpr Known kKnown[] = {{Dtype::f64, 8, "F64", "float64", "DoubleStorage"},
                            {Dtype::f32, 4, "F32", "float32", "FloatStorage"},
                            {Dtype::f16, 2, "F16", "float16", "HalfStorage"},
                            {Dtype::bf16, 2, "BF16", "bfloat16", "BFloat16Storage"},
                            {Dtype::i64, 8, "I64", "int64", "LongStorage"},
                            {Dtype::i32, 4, "I32", "int32", "IntStorage"},
                            {Dtype::i16, 2, "I16", "int16", "ShortStorage"},
                            {Dtype::i8, 1, "I8", "int8", "CharStorage"},
                            {Dtype::u8, 1, "U8", "uint8", "ByteStorage"},
                            {Dtype::boolean, 1, "BOOL", "bool", "BoolStorage"},
                            {Dtype::c64, 8, "C64", "complex64", "ComplexFloatStorage"},
                            {Dtype::c128, 16, "C128", "complex128", "ComplexDoubleStorage"},
                            {Dtype::u16, 2, "U16", "uint16", ""},
                            {Dtype::u32, 4, "U32", "uint32", ""},
                            {Dtype::u64, 8, "U64", "uint64", ""},
                            {Dtype::f8_e4m3, 1, "F8_E4M3", "float8_e4m3fn", ""},
                            {Dtype::f8_e5m2, 1, "F8_E5M2", "float8_e5m2", ""}};

const Known& known(Dtype dtype) { return kKnown[static_cast<std::size_t>(dtype)]; }

std::optional<Dtype> find(std::string_view Known::*field, std::string_view name) {
  for (const Known& k : kKnown)
    if (!name.empty() && k.*field == name) return k.dtype;
  return std::nullopt;
}

}  // namespace

std::size_t element_size(Dtype dtype) { return known(dtype).bytes; }
std::string_view to_string(Dtype dtype) { return known(dtype).torch; }
std::optional<Dtype> dtype_from_safetensors(std::string_view name) { return find(&Known::safetensors, name); }
std::optional<Dtype> dtype_from_torch(std::string_view name) { return find(&Known::torch, name); }
std::optional<Dtype> dtype_from_storage(std::string_view name) { return find(&Known::storage, name); }

std::vector<std::int64_t> row_major(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = step;
    step *= shape[i] > 0 ? shape[i] : 1;
  }
  return strides;
}

void check_view(const TensorView& v, const std::string& where) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 16;  // bytes of the widest type still fit
  check_input(v.shape.size() <= kMaxRank && v.strides.size() == v.shape.size(),
              fmt::format("{}: {} sizes and {} strides; the limit is {} of each.", where, v.shape.size(),
                          v.strides.size(), kMaxRank));
  const auto elements = static_cast<std::int64_t>(v.storage.size() / element_size(v.dtype));
  check_input(v.offset >= 0 && v.offset <= elements,
              fmt::format("{} begins at element {} of {}.", where, v.offset, elements));
  std::int64_t count = 1, last = v.offset;
  bool is_empty = false;
  for (std::size_t i = 0; i < v.shape.size(); ++i) {
    const std::int64_t size = v.shape[i], stride = v.strides[i];
    check_input(size >= 0 && stride >= 0,
                fmt::format("{}: size {} with stride {} is impossible.", where, size, stride));
    if (size == 0) is_empty = true;
    check_input(size <= 1 || (count <= kMost / size && (stride == 0 || size - 1 <= (kMost - last) / stride)),
                fmt::format("{} has an impossible shape {}.", where, describe_shape(v.shape)));
    if (size > 1) {
      count *= size;
      last += (size - 1) * stride;
    }
  }
  check_input(
      is_empty || last < elements,
      fmt::format("{} {} extends to element {} of a storage of {}.", where, describe_shape(v.shape), last, elements),
      "The file is damaged. Download it again.");
}

std::string describe_shape(const std::vector<std::int64_t>& shape) {
  std::vector<std::string> sizes;
  for (const std::int64_t s : shape) sizes.push_back(std::to_string(s));
  return "(" + join(sizes, ", ") + ")";
}

}  // namespace mien::weights
