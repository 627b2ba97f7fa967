// SPDX-License-Identifier: Apache-2.0
// The calls of a forward pass: operators with their arguments, as plain data. The recorder (nn/recorder.h)
// fills it, the operator table (operators.h) turns it into ONNX.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace mien::onnx {

enum class ElementType { float32, float64, float16, int32, int64, boolean };

/// Represents the batch size B in recorded shapes and integer arguments; k·B is k * kBatch. Odd and far from any size.
inline constexpr std::int64_t kBatch = -501671;
inline bool is_batch(std::int64_t size) { return size <= kBatch && size % kBatch == 0; }
inline std::int64_t batch_factor(std::int64_t size) { return size / kBatch; }

struct RecordedTensor {
  ElementType type = ElementType::float32;
  std::vector<std::int64_t> shape;  ///< multiples of kBatch if the size depends on the batch
  bool is_constant = false;         ///< a weight, or computed only from weights
  std::string name;                 ///< constants: readable name, may be empty
  std::string bytes;                ///< constants: raw little-endian data
};

using TensorId = std::size_t;
inline constexpr TensorId kNoTensor = static_cast<TensorId>(-1);  ///< None in a list of tensors
struct TensorRef {
  TensorId id = 0;
  bool operator==(const TensorRef&) const = default;
};

/// One argument of an operator, in the order of its schema; monostate is None (and data types, devices, layouts).
using Argument = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
                              TensorRef, std::vector<TensorRef>>;

struct RecordedOp {
  std::string name;  ///< "aten::conv2d", for any overload; in-place forms without their underscore
  std::vector<Argument> arguments;
  std::vector<TensorId> outputs;
};

struct Recording {
  std::vector<RecordedTensor> tensors;
  std::vector<RecordedOp> ops;
  TensorId input = 0;
  std::vector<std::pair<std::string, TensorId>> outputs;
};

/// One recording for every batch size, from one with B = 2 and one with B = 3: sizes and integer arguments that
/// differ become multiples of kBatch; operators whose inputs are all constant, and whose result is the same in both,
/// are removed, and their results become constants. Throws failed if the two runs differ in any other way.
Recording merge_batches(Recording two, const Recording& three);

/// Multiply-adds of an operator for one picture: convolutions, matrix products, einsum (one product over all indices),
/// attention (its two products), selective scan (step size, state and output); 0 for all others.
std::int64_t multiply_adds(const Recording& recording, const RecordedOp& op);
std::int64_t count_multiply_adds(const Recording& recording);

}  // namespace mien::onnx
