// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/recording.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "mien/base/error.h"

namespace mien::onnx {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::failed, "Export: " + what + ".",
              "Write the forward pass so that the pictures do not depend on each other.");
}

void merge_size(std::int64_t& two, std::int64_t three, const std::string& where) {
  if (two == three) return;
  const std::int64_t factor = three - two;
  if (factor < 1 || two != 2 * factor)
    fail(
        fmt::format("{} is {} for two pictures and {} for three, not a multiple of the batch size", where, two, three));
  two = factor * kBatch;
}

void merge_argument(Argument& two, const Argument& three, const std::string& where) {
  if (two == three) return;
  if (auto* number = std::get_if<std::int64_t>(&two))
    if (const auto* other = std::get_if<std::int64_t>(&three)) return merge_size(*number, *other, where);
  auto* list = std::get_if<std::vector<std::int64_t>>(&two);
  const auto* other = std::get_if<std::vector<std::int64_t>>(&three);
  if (!list || !other || list->size() != other->size()) fail(where + " depends on the batch size");
  for (std::size_t i = 0; i < list->size(); ++i) merge_size((*list)[i], (*other)[i], where);
}

bool same_calls(const Recording& a, const Recording& b) {
  return a.tensors.size() == b.tensors.size() &&
         std::equal(a.ops.begin(), a.ops.end(), b.ops.begin(), b.ops.end(), [](auto& x, auto& y) {
           return x.name == y.name && x.arguments.size() == y.arguments.size() && x.outputs == y.outputs;
         });
}

/// Whether an operator's result is the same for every picture.
bool folds(const RecordedOp& op, const Recording& two, const Recording& three) {
  auto constant = [&](TensorRef t) { return t.id == kNoTensor || two.tensors[t.id].is_constant; };
  for (const auto& argument : op.arguments) {
    if (const auto* t = std::get_if<TensorRef>(&argument); t && !constant(*t)) return false;
    if (const auto* list = std::get_if<std::vector<TensorRef>>(&argument);
        list && !std::all_of(list->begin(), list->end(), constant))
      return false;
  }
  return std::all_of(op.outputs.begin(), op.outputs.end(), [&](TensorId id) {
    const auto& shape = two.tensors[id].shape;
    return two.tensors[id].bytes == three.tensors[id].bytes && std::none_of(shape.begin(), shape.end(), is_batch);
  });
}

std::int64_t per_picture(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (auto d : shape) count *= is_batch(d) ? batch_factor(d) : d;
  return count;
}

/// Size of the space that all indices of the equation span; 0 for a single operand, which is only rearranged or summed.
std::int64_t einsum_products(const Recording& recording, const RecordedOp& op) {
  const auto& equation = std::get<std::string>(op.arguments.at(0));
  const auto& operands = std::get<std::vector<TensorRef>>(op.arguments.at(1));
  if (operands.size() < 2) return 0;
  std::map<char, std::int64_t> sizes;
  std::size_t operand = 0, dimension = 0;
  for (const char c : equation.substr(0, equation.find("->"))) {
    if (c == ',') {
      ++operand;
      dimension = 0;
    } else if (c != ' ') {
      sizes[c] = per_picture({recording.tensors[operands.at(operand).id].shape.at(dimension++)});
    }
  }
  std::int64_t product = 1;
  for (const auto& [letter, size] : sizes) product *= size;
  return product;
}

}  // namespace

Recording merge_batches(Recording two, const Recording& three) {
  if (!same_calls(two, three)) fail("the forward pass calls other operators for another batch size");
  for (std::size_t i = 0; i < two.tensors.size(); ++i) {
    auto& shape = two.tensors[i].shape;
    if (shape.size() != three.tensors[i].shape.size()) fail("a tensor's rank depends on the batch size");
    for (std::size_t d = 0; d < shape.size(); ++d) merge_size(shape[d], three.tensors[i].shape[d], "a tensor's size");
  }
  std::vector<RecordedOp> kept;
  for (std::size_t i = 0; i < two.ops.size(); ++i) {
    RecordedOp& op = two.ops[i];
    for (std::size_t a = 0; a < op.arguments.size(); ++a)
      merge_argument(op.arguments[a], three.ops[i].arguments[a], fmt::format("argument {} of {}", a, op.name));
    const bool constant = folds(op, two, three);
    for (const TensorId id : op.outputs) {
      two.tensors[id].is_constant = constant;
      if (!constant) two.tensors[id].bytes.clear();
    }
    if (!constant) kept.push_back(std::move(op));
  }
  two.ops = std::move(kept);
  for (std::size_t i = 0; i < two.tensors.size(); ++i)  // weights and values that no recorded operator made
    if (const auto& t = two.tensors[i];
        t.is_constant && (t.bytes != three.tensors[i].bytes || std::any_of(t.shape.begin(), t.shape.end(), is_batch)))
      fail("a value that no operator created depends on the batch size");
  return two;
}

std::int64_t multiply_adds(const Recording& recording, const RecordedOp& op) {
  const std::string name = op.name.substr(op.name.find("::") + 2);
  const auto shape = [&](std::size_t i) -> const std::vector<std::int64_t>& {
    return recording.tensors[std::get<TensorRef>(op.arguments.at(i)).id].shape;
  };
  const std::int64_t out = op.outputs.empty() ? 0 : per_picture(recording.tensors[op.outputs[0]].shape);
  const bool transposed = name == "convolution" && std::get<bool>(op.arguments.at(6));
  if (name == "conv_transpose1d" || name == "conv_transpose2d" || transposed)
    return per_picture(shape(0)) * per_picture(shape(1)) / shape(1)[0];  // each input value meets its channel's weights
  if (name == "conv1d" || name == "conv2d" || name == "convolution") return out * per_picture(shape(1)) / shape(1)[0];
  if (name == "linear" || name == "matmul" || name == "mm" || name == "bmm") return out * shape(0).back();
  if (name == "addmm" || name == "baddbmm") return out * shape(1).back();
  if (name == "einsum") return einsum_products(recording, op);
  if (name == "scaled_dot_product_attention") {  // query × key, then weights × value
    const std::int64_t keys = shape(1)[shape(1).size() - 2];
    return per_picture(shape(0)) * keys + out * keys;
  }
  if (name == "selective_scan") {  // (u (..., D), projections (..., K, R + 2N)): R for the step, N state, N output
    const auto& projections = shape(1);
    return out * projections[projections.size() - 2] * projections.back();
  }
  return 0;
}

std::int64_t count_multiply_adds(const Recording& recording) {
  std::int64_t sum = 0;
  for (const auto& op : recording.ops) sum += multiply_adds(recording, op);
  return sum;
}

}  // namespace mien::onnx
