// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "mien/onnx/rules.h"

namespace mien::onnx::rules {
namespace {

Ints twice(const Ints& padding) {  // ONNX: all beginnings, then all ends
  Ints pads = padding;
  pads.insert(pads.end(), padding.begin(), padding.end());
  return pads;
}

Ints conv_pads(Lowering& l, const Ints& kernel, const Ints& dilation) {
  const std::string named = l.word(4, "");
  if (named.empty()) return twice(l.spatial(4, kernel.size(), 0));
  Ints begin, end;
  for (std::size_t d = 0; d < kernel.size(); ++d) {
    const std::int64_t total = named == "same" ? dilation[d] * (kernel[d] - 1) : 0;
    begin.push_back(total / 2);
    end.push_back(total - total / 2);
  }
  begin.insert(begin.end(), end.begin(), end.end());
  return begin;
}

/// One group per picture, as modulated convolutions are often written: ONNX has only a fixed number of groups.
void check_groups(Lowering& l, std::int64_t groups) {
  if (is_batch(groups))
    l.refuse(
        "has a number of groups that depends on the batch size, which has no ONNX form; scale the input and the output "
        "of one convolution instead of its weights");
}

void emit_conv(Lowering& l, std::int64_t groups) {
  check_groups(l, groups);
  std::vector<std::string> inputs{l.in(0), l.in(1)};
  if (!l.is_none(2)) inputs.push_back(l.in(2));
  const Ints kernel(l.shape(1).begin() + 2, l.shape(1).end());
  const Ints dilation = l.spatial(5, kernel.size(), 1);
  l.node("Conv", inputs,
         {{"kernel_shape", kernel},
          {"strides", l.spatial(3, kernel.size(), 1)},
          {"pads", conv_pads(l, kernel, dilation)},
          {"dilations", dilation},
          {"group", groups}});
}

/// Numbers of the arguments of a transposed convolution whose position differs.
struct TransposedArguments {
  std::size_t output_padding, groups, dilation;
};

// (input, weight, bias, stride, padding, ...)
void emit_conv_transpose(Lowering& l, const TransposedArguments& at) {
  check_groups(l, l.integer(at.groups, 1));
  std::vector<std::string> inputs{l.in(0), l.in(1)};
  if (!l.is_none(2)) inputs.push_back(l.in(2));
  const Ints kernel(l.shape(1).begin() + 2, l.shape(1).end());
  l.node("ConvTranspose", inputs,
         {{"kernel_shape", kernel},
          {"strides", l.spatial(3, kernel.size(), 1)},
          {"pads", twice(l.spatial(4, kernel.size(), 0))},
          {"output_padding", l.spatial(at.output_padding, kernel.size(), 0)},
          {"dilations", l.spatial(at.dilation, kernel.size(), 1)},
          {"group", l.integer(at.groups, 1)}});
}

std::string ones_or(Lowering& l, std::size_t i, float value, const Ints& dims) {
  return l.is_none(i) ? l.constant(std::vector<float>(static_cast<std::size_t>(num_elements(dims)), value), dims)
                      : l.in(i);
}

std::string last_two_swapped(Lowering& l, std::size_t i) {
  Ints order;
  for (std::size_t d = 0; d < l.shape(i).size(); ++d) order.push_back(static_cast<std::int64_t>(d));
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return l.inner("Transpose", {l.in(i)}, {{"perm", order}});
}

}  // namespace

void conv(Lowering& l) { emit_conv(l, l.integer(6, 1)); }

// (input, weight, bias, stride, padding, dilation, transposed, output_padding, groups)
void convolution(Lowering& l) {
  if (l.flag(6, false)) return emit_conv_transpose(l, {.output_padding = 7, .groups = 8, .dilation = 5});
  emit_conv(l, l.integer(8, 1));
}

void conv_transpose(Lowering& l) { emit_conv_transpose(l, {.output_padding = 5, .groups = 6, .dilation = 7}); }

// (input, weight, bias, mean, variance, training, momentum, eps, cudnn)
void batch_norm(Lowering& l) {
  if (l.flag(5, false) || l.is_none(3)) l.refuse("in training mode cannot be exported; call eval() on the network");
  const Ints channels{l.shape(0).at(1)};
  l.node("BatchNormalization", {l.in(0), ones_or(l, 1, 1, channels), ones_or(l, 2, 0, channels), l.in(3), l.in(4)},
         {{"epsilon", l.real(7, 1e-5)}});
}

// (input, normalized_shape, weight, bias, eps, cudnn)
void layer_norm(Lowering& l) {
  const Ints shape = l.integers(1);
  l.node("LayerNormalization", {l.in(0), ones_or(l, 2, 1, shape), ones_or(l, 3, 0, shape)},
         {{"axis", -static_cast<std::int64_t>(shape.size())}, {"epsilon", l.real(4, 1e-5)}});
}

// (input, kernel, stride, padding, dilation, ceil)
void max_pool2d(Lowering& l) {
  const Ints kernel = l.spatial(1, 2, 1), stride = l.integers(2).empty() ? kernel : l.spatial(2, 2, 1);
  l.node("MaxPool", {l.in(0)},
         {{"kernel_shape", kernel},
          {"strides", stride},
          {"pads", twice(l.spatial(3, 2, 0))},
          {"dilations", l.spatial(4, 2, 1)},
          {"ceil_mode", l.integer(5, 0)}});
}

// (input, kernel, stride, padding, ceil, count_include_pad, divisor)
void avg_pool2d(Lowering& l) {
  if (!l.is_none(6)) l.refuse("with its own divisor has no ONNX form");
  const Ints kernel = l.spatial(1, 2, 1), stride = l.integers(2).empty() ? kernel : l.spatial(2, 2, 1),
             padding = l.spatial(3, 2, 0);
  bool overhangs = false;  // a window extends beyond the padding: runtimes disagree whether these cells count
  for (std::size_t d = 0; d < 2; ++d) {
    const std::int64_t reach = (l.out_shape()[2 + d] - 1) * stride[d] + kernel[d];
    overhangs = overhangs || reach > l.shape(0)[2 + d] + 2 * padding[d];
  }
  const bool counts_padding = l.flag(5, true) && padding != Ints{0, 0};
  if (overhangs && counts_padding) l.refuse("with ceil_mode and counted padding differs between runtimes");
  l.node("AveragePool", {l.in(0)},
         {{"kernel_shape", kernel},
          {"strides", stride},
          {"pads", twice(padding)},
          {"ceil_mode", std::int64_t{overhangs}},
          {"count_include_pad", std::int64_t{counts_padding}}});
}

// (input, output_size): plain pooling if the sizes divide
void adaptive_avg_pool2d(Lowering& l) {
  const Ints size = l.spatial(1, 2, 1);
  const auto& in = l.shape(0);
  if (in.size() != 4) l.refuse("of shapes other than (B,C,H,W) is not supported yet");
  if (size == Ints{1, 1}) return l.node("GlobalAveragePool", {l.in(0)});
  if (in[2] % size[0] || in[3] % size[1]) l.refuse("to a size that does not divide its input has no ONNX form");
  const Ints kernel{in[2] / size[0], in[3] / size[1]};
  l.node("AveragePool", {l.in(0)}, {{"kernel_shape", kernel}, {"strides", kernel}});
}

// (input, weight, bias)
void linear(Lowering& l) {
  if (l.rank() == 2) {
    std::vector<std::string> inputs{l.in(0), l.in(1)};
    if (!l.is_none(2)) inputs.push_back(l.in(2));
    return l.node("Gemm", inputs, {{"transB", std::int64_t{1}}});
  }
  const std::vector<std::string> factors{l.in(0), last_two_swapped(l, 1)};
  if (l.is_none(2)) return l.node("MatMul", factors);
  l.node("Add", {l.inner("MatMul", factors), l.in(2)});
}

// (bias, a, b, beta, alpha)
void addmm(Lowering& l) {
  Attributes factors;
  if (l.real(4, 1) != 1) factors.emplace_back("alpha", l.real(4, 1));
  if (l.real(3, 1) != 1) factors.emplace_back("beta", l.real(3, 1));
  l.node("Gemm", {l.in(1), l.in(2), l.in(0)}, factors);
}

// (bias, a, b, beta, alpha)
void baddbmm(Lowering& l) {
  const std::string product = l.times(l.inner("MatMul", {l.in(1), l.in(2)}), l.real(4, 1));
  l.node("Add", {l.times(l.in(0), l.real(3, 1)), product});
}

// (query, key, value, mask, dropout, causal, scale, grouped): softmax(q kᵀ · scale + mask) v
void attention(Lowering& l) {
  if (l.real(4, 0) != 0) l.refuse("with dropout cannot be exported; call eval() on the network");
  if (l.flag(7, false)) l.refuse("with grouped queries is not supported yet");
  const auto &q = l.shape(0), &k = l.shape(1);
  const double scale = l.real(6, 1 / std::sqrt(static_cast<double>(q.back())));
  std::string scores = l.inner("MatMul", {l.inner("Mul", {l.in(0), l.scalar(scale)}), last_two_swapped(l, 1)});
  if (!l.is_none(3) && l.type(3) == ElementType::boolean) {
    scores = l.inner("Where", {l.in(3), scores, l.scalar(-std::numeric_limits<double>::infinity())});
  } else if (!l.is_none(3)) {
    scores = l.inner("Add", {scores, l.in(3)});
  }
  if (l.flag(5, false)) {
    const std::int64_t rows = q[q.size() - 2], columns = k[k.size() - 2];
    if (is_batch(rows) || is_batch(columns)) l.refuse("across the pictures of a batch cannot be exported");
    std::vector<float> mask;
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t c = 0; c < columns; ++c) mask.push_back(c <= r ? 0 : -std::numeric_limits<float>::infinity());
    scores = l.inner("Add", {scores, l.constant(mask, {rows, columns})});
  }
  l.node("MatMul", {l.inner("Softmax", {scores}, {{"axis", std::int64_t{-1}}}), l.in(2)});
}

// (input, output_size, [align_corners,] scales...): ATen's nearest rounds down without a half-pixel shift
Rule upsample(const std::string& mode, std::size_t align_argument) {
  return [=](Lowering& l) {
    const std::string place = mode == "nearest"               ? "asymmetric"
                              : l.flag(align_argument, false) ? "align_corners"
                                                              : "half_pixel";
    Attributes attributes{
        {"mode", mode}, {"coordinate_transformation_mode", place}, {"nearest_mode", std::string("floor")}};
    if (mode == "cubic") attributes.emplace_back("cubic_coeff_a", -0.75f);
    l.node("Resize", {l.in(0), "", "", l.shape_tensor(l.out_shape())}, attributes);
  };
}

// (input, p, train)
void dropout(Lowering& l) {
  if (l.flag(2, false)) l.refuse("in training mode cannot be exported; call eval() on the network");
  l.alias();
}

// (input, approximate): x/2 · (1 + erf(x/√2)), or with tanh(√(2/π)(x + 0.044715 x³))
void gelu(Lowering& l) {
  const std::string x = l.in(0);
  std::string curve;
  if (l.word(1, "none") == "tanh") {
    const std::string cube = l.inner("Mul", {l.inner("Mul", {x, x}), l.inner("Mul", {x, l.scalar(0.044715)})});
    curve = l.inner("Tanh", {l.inner("Mul", {l.inner("Add", {x, cube}), l.scalar(std::sqrt(2 / M_PI))})});
  } else {
    curve = l.inner("Erf", {l.inner("Mul", {x, l.scalar(std::sqrt(0.5))})});
  }
  l.node("Mul", {l.inner("Mul", {x, l.scalar(0.5)}), l.inner("Add", {curve, l.scalar(1)})});
}

void silu(Lowering& l) { l.node("Mul", {l.in(0), l.inner("Sigmoid", {l.in(0)})}); }

// (input, beta, threshold): above the threshold ATen returns x, which log(1 + eˣ) equals there in float32
void softplus(Lowering& l) {
  if (l.real(1, 1) != 1 || l.real(2, 20) < 20) l.refuse("with its own beta or threshold has no ONNX form");
  l.node("Softplus", {l.in(0)});
}

// (input, alpha, scale, input_scale)
void elu(Lowering& l) {
  if (l.real(2, 1) != 1 || l.real(3, 1) != 1) l.refuse("with its own scale is not supported yet");
  l.node("Elu", {l.in(0)}, {{"alpha", l.real(1, 1)}});
}

// (input, slopes): one slope for all, or one per channel of (B,C,...), which ONNX broadcasts from the last dimension
void prelu(Lowering& l) {
  const Ints slopes = l.shape(1);
  if (l.rank() < 3 || num_elements(slopes) == 1) return l.node("PRelu", {l.in(0), l.in(1)});
  Ints per_channel(l.rank() - 1, 1);
  per_channel[0] = num_elements(slopes);
  l.node("PRelu", {l.in(0), l.inner("Reshape", {l.in(1), l.constant(per_channel)})});
}

Rule own(const std::string& op, const std::vector<std::string>& attributes) {
  return [=](Lowering& l) {
    std::vector<std::string> inputs;
    std::size_t i = 0;
    for (; l.is_tensor(i); ++i) inputs.push_back(l.in(i));
    Attributes named;
    for (const auto& name : attributes) named.emplace_back(name, l.integer(i++, 0));
    l.own_node(op, inputs, named);
  };
}

void leaky_relu(Lowering& l) { l.node("LeakyRelu", {l.in(0)}, {{"alpha", l.real(1, 0.01)}}); }

}  // namespace mien::onnx::rules
