// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <climits>

#include "mien/onnx/rules.h"

namespace mien::onnx::rules {
namespace {

std::int64_t size_along(Lowering& l, std::int64_t axis) { return l.shape(0).at(static_cast<std::size_t>(axis)); }

/// A constant table of positions, int64, in rows.
std::string table(Lowering& l, const Ints& values, const Ints& dims) {
  return l.inner("Reshape", {l.constant(values), l.constant(dims)});
}

/// Positions start, start + dilation, ... (`kernel` of them) for each of `count` windows, each `stride` further on;
/// in rows of windows.
Ints windows(std::int64_t kernel, std::int64_t count, std::int64_t stride, std::int64_t dilation) {
  Ints positions;
  for (std::int64_t k = 0; k < kernel; ++k)
    for (std::int64_t n = 0; n < count; ++n) positions.push_back(n * stride + k * dilation);
  return positions;
}

Ints with_open_batch(Ints dims) {
  std::replace_if(dims.begin(), dims.end(), is_batch, std::int64_t{-1});
  return dims;
}

}  // namespace

// select(input, dim, index)
void select(Lowering& l) {
  check_no_batch(l, l.axis(1, 0));
  l.node("Gather", {l.in(0), l.scalar(static_cast<double>(l.integer(2, 0)), ElementType::int64)},
         {{"axis", l.axis(1, 0)}});
}

// index_select(input, dim, index)
void index_select(Lowering& l) {
  check_no_batch(l, l.axis(1, 0));
  l.node("Gather", {l.in(0), l.in(2)}, {{"axis", l.axis(1, 0)}});
}

// index(input, list of tensors and None): one tensor of positions
void index(Lowering& l) {
  const auto [axis, positions] = l.only_tensor(1);
  if (l.tensor_of(positions).type != ElementType::int64)
    l.refuse("with a mask cannot be exported: the number of selected values depends on the picture");
  check_no_batch(l, axis);
  l.node("Gather", {l.in(0), l.value_of(positions)}, {{"axis", axis}});
}

// gather(input, dim, index, sparse_grad)
void gather(Lowering& l) {
  check_no_batch(l, l.axis(1, 0));
  l.node("GatherElements", {l.in(0), l.in(2)}, {{"axis", l.axis(1, 0)}});
}

// scatter, scatter_add(input, dim, index, source), source a tensor of the index's shape or a number
Rule scatter(const std::string& reduction) {
  return [=](Lowering& l) {
    check_no_batch(l, l.axis(1, 0));
    if (!l.is_none(4)) l.refuse("with a reduction given by name is not supported yet");
    if (l.is_tensor(3) && l.shape(3) != l.shape(2)) l.refuse("of a source larger than its index has no ONNX form");
    const std::string source =
        l.is_tensor(3) ? l.operand(3) : l.inner("Expand", {l.operand(3), l.shape_tensor(l.shape(2))});
    Attributes attributes{{"axis", l.axis(1, 0)}};
    if (reduction != "none") attributes.emplace_back("reduction", reduction);
    l.node("ScatterElements", {l.in(0), l.in(2), source}, attributes);
  };
}

// one_hot(input, num_classes): the recorded result gives the number
void one_hot(Lowering& l) {
  const std::int64_t classes = l.out_shape().back();
  if (l.integer(1, -1) < 0) l.refuse("without its number of classes depends on the values; give the number");
  const std::string column = l.inner("Unsqueeze", {l.in(0), l.constant(Ints{static_cast<std::int64_t>(l.rank())})});
  const std::string hits = l.inner("Equal", {column, l.constant(counted(static_cast<std::size_t>(classes)))});
  l.node("Cast", {hits}, {{"to", onnx_type(l.out_type())}});
}

// flip(input, dims)
void flip(Lowering& l) {
  const Ints axes = l.axes(1);
  for (const auto axis : axes) check_no_batch(l, axis);
  const auto all = [&](std::int64_t value) { return l.constant(Ints(axes.size(), value)); };
  l.node("Slice", {l.in(0), all(-1), all(INT64_MIN + 1), l.constant(axes), all(-1)});
}

// roll(input, shifts, dims): one dimension after the other
void roll(Lowering& l) {
  const Ints shifts = l.integers(1), axes = l.axes(2);
  if (l.integers(2).size() != shifts.size()) l.refuse("without dimensions is not supported yet");
  std::string value = l.in(0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    check_no_batch(l, axes[i]);
    const std::int64_t size = size_along(l, axes[i]);
    Ints order = counted(static_cast<std::size_t>(size));
    const std::int64_t first = ((-shifts[i]) % size + size) % size;
    std::rotate(order.begin(), order.begin() + first, order.end());
    const Attributes along{{"axis", axes[i]}};
    if (i + 1 == axes.size()) return l.node("Gather", {value, l.constant(order)}, along);
    value = l.inner("Gather", {value, l.constant(order)}, along);
  }
  l.alias();
}

// unfold(input, dim, size, step): windows along a dimension, their elements in a new last one
void unfold(Lowering& l) {
  const std::int64_t axis = l.axis(1, 0), size = l.integer(2, 1);
  check_no_batch(l, axis);
  const std::int64_t count = l.out_shape().at(static_cast<std::size_t>(axis));
  const std::string positions = table(l, windows(size, count, l.integer(3, 1), 1), {size, count});
  // Gather puts (element, window) in the place of the dimension; the elements go to the end.
  Ints order = counted(l.rank() + 1);
  std::rotate(order.begin() + axis, order.begin() + axis + 1, order.end());
  l.node("Transpose", {l.inner("Gather", {l.in(0), positions}, {{"axis", axis}})}, {{"perm", order}});
}

// im2col(input, kernel, dilation, padding, stride): (B,C,H,W) → (B, C·kernel, windows)
void im2col(Lowering& l) {
  if (l.rank() != 4) l.refuse("of shapes other than (B,C,H,W) is not supported yet");
  const Ints kernel = l.spatial(1, 2, 1), dilation = l.spatial(2, 2, 1), padding = l.spatial(3, 2, 0),
             stride = l.spatial(4, 2, 1);
  std::string value = l.in(0);
  if (padding != Ints{0, 0}) {
    const Ints pads{0, 0, padding[0], padding[1], 0, 0, padding[0], padding[1]};
    value = l.inner("Pad", {value, l.constant(pads), l.scalar(0, l.out_type())});
  }
  for (std::size_t d = 0; d < 2; ++d) {  // rows, then columns: (B,C,kh,oh,W), (B,C,kh,oh,kw,ow)
    const std::int64_t reach = dilation[d] * (kernel[d] - 1) + 1;
    const std::int64_t count = (l.shape(0)[2 + d] + 2 * padding[d] - reach) / stride[d] + 1;
    value = l.inner("Gather", {value, table(l, windows(kernel[d], count, stride[d], dilation[d]), {kernel[d], count})},
                    {{"axis", std::int64_t{d == 0 ? 2 : 4}}});
  }
  const std::string turned = l.inner("Transpose", {value}, {{"perm", Ints{0, 1, 2, 4, 3, 5}}});
  l.node("Reshape", {turned, l.constant(with_open_batch(l.out_shape()))});
}

// repeat_interleave(input, repeats, dim, output_size): each element repeated consecutively
void repeat_interleave(Lowering& l) {
  if (l.is_tensor(1)) l.refuse("with a number for each element depends on the values");
  if (l.is_none(2)) l.refuse("without a dimension mixes the pictures of a batch; give the dimension");
  const std::int64_t axis = l.axis(2, 0), rank = static_cast<std::int64_t>(l.rank());
  Ints repeats(static_cast<std::size_t>(rank + 1), 1);
  repeats[static_cast<std::size_t>(axis + 1)] = l.integer(1, 1);
  const std::string column = l.inner("Unsqueeze", {l.in(0), l.constant(Ints{axis + 1})});
  const std::string repeated = l.inner("Expand", {column, l.constant(repeats)});
  l.node("Reshape", {repeated, l.constant(with_open_batch(l.out_shape()))});
}

}  // namespace mien::onnx::rules
