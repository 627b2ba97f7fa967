// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <climits>

#include "mien/onnx/rules.h"

namespace mien::onnx::rules {
namespace {

void emit_slice(Lowering& l, std::int64_t axis, std::int64_t start, std::int64_t end, std::int64_t step,
                std::size_t k = 0) {
  l.node("Slice",
         {l.in(0), l.constant(Ints{start}), l.constant(Ints{end}), l.constant(Ints{axis}), l.constant(Ints{step})}, {},
         k);
}

}  // namespace

void check_no_batch(Lowering& l, std::int64_t axis) {
  if (is_batch(l.shape(0).at(static_cast<std::size_t>(axis)))) l.refuse("along the batch cannot be exported");
}

Ints counted(std::size_t count) {
  Ints order;
  for (std::size_t d = 0; d < count; ++d) order.push_back(static_cast<std::int64_t>(d));
  return order;
}

// The target is the recorded result's shape, with -1 if it follows the batch.
void reshape(Lowering& l) {
  Ints target = l.out_shape();
  if (target == l.shape(0)) return l.alias();
  std::replace_if(target.begin(), target.end(), is_batch, std::int64_t{-1});
  if (std::count(target.begin(), target.end(), -1) > 1) l.refuse("would create two batch dimensions");
  l.node("Reshape", {l.in(0), l.constant(target)});
}

void unsqueeze(Lowering& l) { l.node("Unsqueeze", {l.in(0), l.constant(Ints{l.axis(1, 0, 1)})}); }

void permute(Lowering& l) { l.node("Transpose", {l.in(0)}, {{"perm", l.axes(1)}}); }

// transpose(input, a, b) and t(input)
void transpose(Lowering& l) {
  Ints order = counted(l.rank());
  if (order.size() < 2) return l.alias();
  std::swap(order[static_cast<std::size_t>(l.axis(1, 0))], order[static_cast<std::size_t>(l.axis(2, 1))]);
  l.node("Transpose", {l.in(0)}, {{"perm", order}});
}

// Expand broadcasts: if the input already has the size, 1 keeps it, and the batch size need not be known.
void expand(Lowering& l) {
  Ints target = l.out_shape();
  const Ints& in = l.shape(0);
  if (target == in) return l.alias();
  for (std::size_t d = 1; d <= in.size(); ++d)
    if (in[in.size() - d] == target[target.size() - d]) target[target.size() - d] = 1;
  l.node("Expand", {l.in(0), l.shape_tensor(target)});
}

// repeat(input, repeats)
void repeat(Lowering& l) {
  const Ints repeats = l.integers(1);
  std::string value = l.in(0);
  if (const Ints added = counted(repeats.size() - l.rank()); !added.empty())
    value = l.inner("Unsqueeze", {value, l.constant(added)});
  l.node("Tile", {value, l.shape_tensor(repeats)});
}

// cat(tensors, dim)
void cat(Lowering& l) {
  const auto axis = l.integer(1, 0), rank = static_cast<std::int64_t>(l.out_shape().size());
  l.node("Concat", l.in_list(0), {{"axis", axis < 0 ? axis + rank : axis}});
}

// stack(tensors, dim)
void stack(Lowering& l) {
  const auto given = l.integer(1, 0),
             axis = given < 0 ? given + static_cast<std::int64_t>(l.out_shape().size()) : given;
  std::vector<std::string> parts;
  for (const auto& part : l.in_list(0)) parts.push_back(l.inner("Unsqueeze", {part, l.constant(Ints{axis})}));
  l.node("Concat", parts, {{"axis", axis}});
}

// slice(input, dim, start, end, step)
void slice(Lowering& l) {
  if (l.out_shape() == l.shape(0) && l.integer(4, 1) == 1) return l.alias();
  check_no_batch(l, l.axis(1, 0));
  emit_slice(l, l.axis(1, 0), l.integer(2, 0), l.integer(3, INT64_MAX), l.integer(4, 1));
}

// narrow(input, dim, start, length)
void narrow(Lowering& l) {
  if (l.out_shape() == l.shape(0)) return l.alias();
  const auto axis = l.axis(1, 0), given = l.integer(2, 0);
  check_no_batch(l, axis);
  const auto start = given < 0 ? given + l.shape(0)[static_cast<std::size_t>(axis)] : given;
  emit_slice(l, axis, start, start + l.integer(3, 0), 1);
}

// chunk, split, split_with_sizes (input, ..., dim): the recorded results give the sizes
void split(Lowering& l) {
  const auto axis = l.axis(2, 0);
  if (l.num_out() == 1) return l.alias();
  check_no_batch(l, axis);
  Ints sizes;
  for (std::size_t k = 0; k < l.num_out(); ++k) sizes.push_back(l.out_shape(k)[static_cast<std::size_t>(axis)]);
  l.node_for_all_outputs("Split", {l.in(0), l.constant(sizes)}, {{"axis", axis}});
}

// unbind(input, dim)
void unbind(Lowering& l) {
  const auto axis = l.axis(1, 0);
  check_no_batch(l, axis);
  for (std::size_t k = 0; k < l.num_out(); ++k)
    l.node("Gather", {l.in(0), l.scalar(static_cast<double>(k), ElementType::int64)}, {{"axis", axis}}, k);
}

// constant_pad_nd(input, pad, value) and pad(input, pad, mode, value); pad: (begin, end) from the last dimension on
void pad(Lowering& l) {
  const Ints given = l.integers(1);
  Ints pads(2 * l.rank(), 0);
  for (std::size_t i = 0; i < given.size(); i += 2) {
    pads[l.rank() - 1 - i / 2] = given[i];
    pads[2 * l.rank() - 1 - i / 2] = given[i + 1];
  }
  const std::string mode = l.word(2, "constant");
  if (mode != "constant" && mode != "reflect" && mode != "replicate")
    l.refuse("in mode '" + mode + "' has no ONNX form");
  const bool named = !l.is_none(2) && l.word(2, "") == mode;
  l.node("Pad", {l.in(0), l.constant(pads), l.scalar(l.real(named ? 3 : 2, 0), l.out_type())},
         {{"mode", mode == "replicate" ? std::string("edge") : mode}});
}

Rule filled(double value) {
  return [=](Lowering& l) { l.node("Expand", {l.scalar(value, l.out_type()), l.shape_tensor(l.out_shape())}); };
}

Rule filled_from(std::size_t argument) {
  return [=](Lowering& l) { filled(l.real(argument, 0))(l); };
}

void identity(Lowering& l) {
  if (l.type(0) == l.out_type()) return l.alias();
  l.node("Cast", {l.in(0)}, {{"to", onnx_type(l.out_type())}});
}

}  // namespace mien::onnx::rules
