// SPDX-License-Identifier: Apache-2.0
#include "mien/graph/operators.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/graph/lowering.h"

namespace mien::graph {
namespace {

using Ints = std::vector<std::int64_t>;

Ints doubled(const Ints& padding) { return {padding[0], padding[1], padding[0], padding[1]}; }

// conv2d(input, weight, bias, stride, padding, dilation, groups)
void conv2d(Lowering& l) {
  std::vector<std::string> inputs{l.in(0), l.in(1)};
  if (!l.is_none(2)) inputs.push_back(l.in(2));
  if (!l.is_none(4) && std::holds_alternative<std::string>(l.op().arguments[4])) l.refuse("with named padding has no ONNX form here");
  const auto& kernel = l.shape(1);
  l.node("Conv", inputs, {{"kernel_shape", Ints{kernel[2], kernel[3]}}, {"strides", l.pair(3, 1)}, {"pads", doubled(l.pair(4, 0))},
                          {"dilations", l.pair(5, 1)}, {"group", l.integer(6, 1)}});
}

// batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn)
void batch_norm(Lowering& l) {
  if (l.flag(5, false)) l.refuse("in training mode can't be exported");
  l.node("BatchNormalization", {l.in(0), l.in(1), l.in(2), l.in(3), l.in(4)}, {{"epsilon", static_cast<float>(l.real(7, 1e-5))}});
}

// layer_norm(input, normalized_shape, weight, bias, eps, cudnn)
void layer_norm(Lowering& l) {
  const auto axis = -static_cast<std::int64_t>(l.integers(1).size());
  l.node("LayerNormalization", {l.in(0), l.in(2), l.in(3)}, {{"axis", axis}, {"epsilon", static_cast<float>(l.real(4, 1e-5))}});
}

// max_pool2d(input, kernel, stride, padding, dilation, ceil)
void max_pool2d(Lowering& l) {
  const auto kernel = l.pair(1, 1);
  l.node("MaxPool", {l.in(0)}, {{"kernel_shape", kernel}, {"strides", l.integers(2).empty() ? kernel : l.pair(2, 1)}, {"pads", doubled(l.pair(3, 0))},
                                {"dilations", l.pair(4, 1)}, {"ceil_mode", l.integer(5, 0)}});
}

// avg_pool2d(input, kernel, stride, padding, ceil, count_include_pad, divisor)
void avg_pool2d(Lowering& l) {
  if (!l.is_none(6)) l.refuse("with its own divisor has no ONNX form");
  const auto kernel = l.pair(1, 1);
  l.node("AveragePool", {l.in(0)}, {{"kernel_shape", kernel}, {"strides", l.integers(2).empty() ? kernel : l.pair(2, 1)}, {"pads", doubled(l.pair(3, 0))},
                                    {"ceil_mode", l.integer(4, 0)}, {"count_include_pad", l.integer(5, 1)}});
}

// adaptive_avg_pool2d(input, output_size): exact where the sizes divide
void adaptive_avg_pool2d(Lowering& l) {
  const auto size = l.pair(1, 1);
  const auto& in = l.shape(0);
  if (size == Ints{1, 1}) return l.node("GlobalAveragePool", {l.in(0)});
  if (in[2] % size[0] || in[3] % size[1]) l.refuse("to a size that does not divide its input has no ONNX form");
  const Ints kernel{in[2] / size[0], in[3] / size[1]};
  l.node("AveragePool", {l.in(0)}, {{"kernel_shape", kernel}, {"strides", kernel}});
}

// linear(input, weight, bias)
void linear(Lowering& l) {
  if (l.shape(0).size() == 2) {
    std::vector<std::string> inputs{l.in(0), l.in(1)};
    if (!l.is_none(2)) inputs.push_back(l.in(2));
    return l.node("Gemm", inputs, {{"transB", std::int64_t{1}}});
  }
  const auto product_inputs = std::vector<std::string>{l.in(0), l.inner("Transpose", {l.in(1)}, {{"perm", Ints{1, 0}}})};
  if (l.is_none(2)) return l.node("MatMul", product_inputs);
  l.node("Add", {l.inner("MatMul", product_inputs), l.in(2)});
}

// addmm(bias, a, b, beta, alpha)
void addmm(Lowering& l) {
  l.node("Gemm", {l.in(1), l.in(2), l.in(0)}, {{"beta", static_cast<float>(l.real(3, 1))}, {"alpha", static_cast<float>(l.real(4, 1))}});
}

// add, sub (a, b, alpha)
template <bool kSubtract>
void add_or_sub(Lowering& l) {
  std::string b = l.in(1);
  if (l.real(2, 1) != 1) b = l.inner("Mul", {b, l.constant(static_cast<float>(l.real(2, 1)))});
  l.node(kSubtract ? "Sub" : "Add", {l.in(0), b});
}

// mean.dim, sum.dim_IntList (input, dims, keepdim, dtype)
template <bool kMean>
void reduce(Lowering& l) {
  Ints axes = l.integers(1);
  if (axes.empty())
    for (std::size_t d = 0; d < l.shape(0).size(); ++d) axes.push_back(static_cast<std::int64_t>(d));
  const std::int64_t keep = l.flag(2, false);
  if (kMean) l.node("ReduceMean", {l.in(0)}, {{"axes", axes}, {"keepdims", keep}});
  else l.node("ReduceSum", {l.in(0), l.constant(axes)}, {{"keepdims", keep}});
}

template <const char* const& kOp>
void along_axis(Lowering& l) {
  l.node(kOp, {l.in(0)}, {{"axis", l.axis(1, -1)}});
}

// logsumexp(input, dims, keepdim)
void logsumexp(Lowering& l) { l.node("ReduceLogSumExp", {l.in(0)}, {{"axes", l.integers(1)}, {"keepdims", std::int64_t{l.flag(2, false)}}}); }

// Reshapes take their target from the recorded output: -1 where it is the batch.
void reshape(Lowering& l) {
  Ints target = l.out_shape();
  std::replace(target.begin(), target.end(), kBatch, std::int64_t{-1});
  if (std::count(target.begin(), target.end(), -1) > 1) l.refuse("would make two batch dimensions");
  l.node("Reshape", {l.in(0), l.constant(target)});
}

void expand(Lowering& l) {
  Ints target = l.out_shape();
  std::replace(target.begin(), target.end(), kBatch, std::int64_t{1});  // Expand broadcasts: 1 keeps the batch
  l.node("Expand", {l.in(0), l.constant(target)});
}

void unsqueeze(Lowering& l) { l.node("Unsqueeze", {l.in(0), l.constant(Ints{l.axis(1, 0, 1)})}); }

void permute(Lowering& l) {
  Ints order = l.integers(1);
  for (auto& d : order) d = d < 0 ? d + static_cast<std::int64_t>(order.size()) : d;
  l.node("Transpose", {l.in(0)}, {{"perm", order}});
}

// transpose(input, a, b) and t(input)
void transpose(Lowering& l) {
  Ints order;
  for (std::size_t d = 0; d < l.shape(0).size(); ++d) order.push_back(static_cast<std::int64_t>(d));
  if (order.size() >= 2) std::swap(order[static_cast<std::size_t>(l.axis(1, 0))], order[static_cast<std::size_t>(l.axis(2, 1))]);
  l.node("Transpose", {l.in(0)}, {{"perm", order}});
}

void cat(Lowering& l) {
  const auto* list = std::get_if<std::vector<TensorRef>>(&l.op().arguments.at(0));
  if (!list || list->empty()) l.refuse("of nothing can't be exported");
  const auto rank = static_cast<std::int64_t>(l.out_shape().size()), axis = l.integer(1, 0);
  l.node("Concat", l.in_list(0), {{"axis", axis < 0 ? axis + rank : axis}});
}

void stack(Lowering& l) {
  const auto rank = static_cast<std::int64_t>(l.out_shape().size()), given = l.integer(1, 0), axis = given < 0 ? given + rank : given;
  std::vector<std::string> parts;
  for (const auto& part : l.in_list(0)) parts.push_back(l.inner("Unsqueeze", {part, l.constant(Ints{axis})}));
  l.node("Concat", parts, {{"axis", axis}});
}

// slice(input, dim, start, end, step)
void slice(Lowering& l) {
  const auto axis = l.axis(1, 0);
  if (l.shape(0)[static_cast<std::size_t>(axis)] == kBatch) l.refuse("along the batch can't be exported");
  l.node("Slice", {l.in(0), l.constant(Ints{l.integer(2, 0)}), l.constant(Ints{l.integer(3, INT64_MAX)}), l.constant(Ints{axis}), l.constant(Ints{l.integer(4, 1)})});
}

// select(input, dim, index)
void select(Lowering& l) {
  const std::string index = l.inner("Squeeze", {l.constant(Ints{l.integer(2, 0)}), l.constant(Ints{0})});
  l.node("Gather", {l.in(0), index}, {{"axis", l.axis(1, 0)}});
}

// clamp(input, min, max)
void clamp(Lowering& l) {
  l.node("Clip", {l.in(0), l.is_none(1) ? "" : l.constant(static_cast<float>(l.real(1, 0))), l.is_none(2) ? "" : l.constant(static_cast<float>(l.real(2, 0)))});
}

// gelu(input, approximate): x/2 (1 + erf(x/√2))
void gelu(Lowering& l) {
  const std::string x = l.in(0);
  const std::string erf = l.inner("Erf", {l.inner("Mul", {x, l.constant(0.70710678118654752f)})});
  l.node("Mul", {l.inner("Mul", {x, l.constant(0.5f)}), l.inner("Add", {erf, l.constant(1.0f)})});
}

void silu(Lowering& l) { l.node("Mul", {l.in(0), l.inner("Sigmoid", {l.in(0)})}); }

// scaled_dot_product_attention(q, k, v, mask, dropout, causal, scale)
void attention(Lowering& l) {
  if (!l.is_none(3) || l.flag(5, false)) l.refuse("with a mask has no entry yet");
  const auto& q = l.shape(0);
  const double scale = l.real(6, 1 / std::sqrt(static_cast<double>(q.back())));
  Ints order;
  for (std::size_t d = 0; d < q.size(); ++d) order.push_back(static_cast<std::int64_t>(d));
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  const std::string scores = l.inner("MatMul", {l.in(0), l.inner("Transpose", {l.in(1)}, {{"perm", order}})});
  const std::string weights = l.inner("Softmax", {l.inner("Mul", {scores, l.constant(static_cast<float>(scale))})}, {{"axis", std::int64_t{-1}}});
  l.node("MatMul", {weights, l.in(2)});
}

// upsample_*2d(input, output_size, ...): half-pixel centres
template <bool kLinear>
void upsample(Lowering& l) {
  const auto& in = l.shape(0);
  const auto& out = l.out_shape();
  const std::string height = l.constant(static_cast<float>(out[2]) / static_cast<float>(in[2])), width = l.constant(static_cast<float>(out[3]) / static_cast<float>(in[3]));
  const std::string one = l.constant(1.0f), zero = l.constant(Ints{0});
  std::vector<std::string> parts;
  for (const auto& s : {one, one, height, width}) parts.push_back(l.inner("Unsqueeze", {s, zero}));
  l.node("Resize", {l.in(0), "", l.inner("Concat", parts, {{"axis", std::int64_t{0}}})},
         {{"mode", std::string(kLinear ? "linear" : "nearest")}, {"coordinate_transformation_mode", std::string(kLinear ? "half_pixel" : "asymmetric")},
          {"nearest_mode", std::string("floor")}});
}

template <const char* const& kOp>
void unary(Lowering& l) {
  l.node(kOp, {l.in(0)});
}
template <const char* const& kOp>
void binary(Lowering& l) {
  l.node(kOp, {l.in(0), l.in(1)});
}
void identity(Lowering& l) { l.alias(); }
void leaky_relu(Lowering& l) { l.node("LeakyRelu", {l.in(0)}, {{"alpha", static_cast<float>(l.real(1, 0.01))}}); }
void elu(Lowering& l) { l.node("Elu", {l.in(0)}, {{"alpha", static_cast<float>(l.real(1, 1))}}); }

constexpr const char *kRelu = "Relu", *kSigmoid = "Sigmoid", *kTanh = "Tanh", *kExp = "Exp", *kLog = "Log", *kSqrt = "Sqrt", *kNeg = "Neg", *kAbs = "Abs",
                     *kSoftplus = "Softplus", *kMul = "Mul", *kDiv = "Div", *kPow = "Pow", *kMatMul = "MatMul", *kMax = "Max", *kMin = "Min",
                     *kSoftmax = "Softmax", *kLogSoftmax = "LogSoftmax";

using Rule = void (*)(Lowering&);

// One line per operator. Overloads share a name: "aten::add" stands for add.Tensor and add.Scalar.
const std::map<std::string, Rule>& table() {
  static const std::map<std::string, Rule> rules = {
      {"aten::conv2d", conv2d},
      {"aten::batch_norm", batch_norm},
      {"aten::layer_norm", layer_norm},
      {"aten::max_pool2d", max_pool2d},
      {"aten::avg_pool2d", avg_pool2d},
      {"aten::adaptive_avg_pool2d", adaptive_avg_pool2d},
      {"aten::linear", linear},
      {"aten::addmm", addmm},
      {"aten::matmul", binary<kMatMul>},
      {"aten::mm", binary<kMatMul>},
      {"aten::bmm", binary<kMatMul>},
      {"aten::add", add_or_sub<false>},
      {"aten::sub", add_or_sub<true>},
      {"aten::mul", binary<kMul>},
      {"aten::div", binary<kDiv>},
      {"aten::pow", binary<kPow>},
      {"aten::maximum", binary<kMax>},
      {"aten::minimum", binary<kMin>},
      {"aten::mean", reduce<true>},
      {"aten::sum", reduce<false>},
      {"aten::softmax", along_axis<kSoftmax>},
      {"aten::log_softmax", along_axis<kLogSoftmax>},
      {"aten::logsumexp", logsumexp},
      {"aten::relu", unary<kRelu>},
      {"aten::sigmoid", unary<kSigmoid>},
      {"aten::tanh", unary<kTanh>},
      {"aten::exp", unary<kExp>},
      {"aten::log", unary<kLog>},
      {"aten::sqrt", unary<kSqrt>},
      {"aten::neg", unary<kNeg>},
      {"aten::abs", unary<kAbs>},
      {"aten::softplus", unary<kSoftplus>},
      {"aten::gelu", gelu},
      {"aten::silu", silu},
      {"aten::leaky_relu", leaky_relu},
      {"aten::elu", elu},
      {"aten::clamp", clamp},
      {"aten::hardtanh", clamp},
      {"aten::flatten", reshape},
      {"aten::view", reshape},
      {"aten::reshape", reshape},
      {"aten::squeeze", reshape},
      {"aten::unsqueeze", unsqueeze},
      {"aten::permute", permute},
      {"aten::transpose", transpose},
      {"aten::t", transpose},
      {"aten::expand", expand},
      {"aten::cat", cat},
      {"aten::stack", stack},
      {"aten::slice", slice},
      {"aten::select", select},
      {"aten::scaled_dot_product_attention", attention},
      {"aten::upsample_nearest2d", upsample<false>},
      {"aten::upsample_bilinear2d", upsample<true>},
      {"aten::dropout", identity},
      {"aten::contiguous", identity},
      {"aten::clone", identity},
      {"aten::detach", identity},
      {"aten::alias", identity},
      {"aten::to", identity},
  };
  return rules;
}

std::int64_t per_picture(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (auto d : shape) count *= d == kBatch ? 1 : d;
  return count;
}

}  // namespace

Graph lower(const Recording& recording) {
  Lowering lowering(recording);
  for (const auto& op : recording.ops) {
    lowering.begin(op);
    const auto rule = table().find(op.name);
    if (rule == table().end()) lowering.refuse("is not in the operator table");
    rule->second(lowering);
  }
  return lowering.finish();
}

std::vector<std::string> known_operators() {
  std::vector<std::string> names;
  for (const auto& [name, rule] : table()) names.push_back(name);
  return names;
}

std::int64_t count_multiply_adds(const Recording& recording) {
  std::int64_t sum = 0;
  auto shape_of = [&](const Argument& a) -> const std::vector<std::int64_t>& { return recording.tensors[std::get<TensorRef>(a).id].shape; };
  for (const auto& op : recording.ops) {
    const auto& out = recording.tensors[op.outputs.at(0)].shape;
    if (op.name == "aten::conv2d") {
      const auto& kernel = shape_of(op.arguments[1]);
      sum += per_picture(out) * kernel[1] * kernel[2] * kernel[3];
    } else if (op.name == "aten::linear") {
      sum += per_picture(out) * shape_of(op.arguments[0]).back();
    } else if (op.name == "aten::addmm") {
      sum += per_picture(out) * shape_of(op.arguments[1]).back();
    } else if (op.name == "aten::matmul" || op.name == "aten::mm" || op.name == "aten::bmm") {
      sum += per_picture(out) * shape_of(op.arguments[0]).back();
    }
  }
  return sum;
}

}  // namespace mien::graph
