// SPDX-License-Identifier: Apache-2.0
#include "mien/onnx/operators.h"

#include <map>

#include "mien/base/text.h"
#include "mien/onnx/rules.h"

namespace mien::onnx {
namespace {

using namespace rules;

// One line per operator. Overloads share a name ("aten::add" is add.Tensor and add.Scalar), also in-place forms.
const std::map<std::string, Rule>& table() {
  static const std::map<std::string, Rule> entries = {
      // layers
      {"aten::conv1d", conv},
      {"aten::conv2d", conv},
      {"aten::convolution", convolution},
      {"aten::conv_transpose1d", conv_transpose},
      {"aten::conv_transpose2d", conv_transpose},
      {"aten::im2col", im2col},
      {"aten::batch_norm", batch_norm},
      {"aten::native_batch_norm", batch_norm},
      {"aten::layer_norm", layer_norm},
      {"aten::native_layer_norm", layer_norm},
      {"aten::max_pool2d", max_pool2d},
      {"aten::avg_pool2d", avg_pool2d},
      {"aten::adaptive_avg_pool2d", adaptive_avg_pool2d},
      {"aten::upsample_nearest2d", upsample("nearest", 0)},
      {"aten::upsample_bilinear2d", upsample("linear", 2)},
      {"aten::upsample_bicubic2d", upsample("cubic", 2)},
      {"aten::scaled_dot_product_attention", attention},
      {"aten::dropout", dropout},
      {"aten::feature_dropout", dropout},
      // products
      {"aten::linear", linear},
      {"aten::addmm", addmm},
      {"aten::baddbmm", baddbmm},
      {"aten::matmul", binary("MatMul")},
      {"aten::mm", binary("MatMul")},
      {"aten::bmm", binary("MatMul")},
      {"aten::einsum", einsum},
      // activations
      {"aten::relu", unary("Relu")},
      {"aten::relu6", relu6},
      {"aten::leaky_relu", leaky_relu},
      {"aten::prelu", prelu},
      {"aten::elu", elu},
      {"aten::gelu", gelu},
      {"aten::silu", silu},
      {"aten::hardtanh", clamp},
      {"aten::hardswish", unary("HardSwish")},
      {"aten::softplus", softplus},
      {"aten::sigmoid", unary("Sigmoid")},
      {"aten::tanh", unary("Tanh")},
      {"aten::softmax", along_axis("Softmax")},
      {"aten::_softmax", along_axis("Softmax")},
      {"aten::log_softmax", along_axis("LogSoftmax")},
      {"aten::_log_softmax", along_axis("LogSoftmax")},
      // arithmetic
      {"aten::add", add_or_sub("Add")},
      {"aten::sub", add_or_sub("Sub")},
      {"aten::rsub", rsub},
      {"aten::mul", binary("Mul")},
      {"aten::div", rules::div},
      {"aten::pow", binary("Pow")},
      {"aten::square", square},
      {"aten::sqrt", unary("Sqrt")},
      {"aten::rsqrt", rsqrt},
      {"aten::reciprocal", unary("Reciprocal")},
      {"aten::exp", unary("Exp")},
      {"aten::log", unary("Log")},
      {"aten::sin", unary("Sin")},
      {"aten::cos", unary("Cos")},
      {"aten::erf", unary("Erf")},
      {"aten::neg", unary("Neg")},
      {"aten::abs", unary("Abs")},
      {"aten::floor", unary("Floor")},
      {"aten::clamp", clamp},
      {"aten::clamp_min", binary("Max")},
      {"aten::clamp_max", binary("Min")},
      {"aten::maximum", binary("Max")},
      {"aten::minimum", binary("Min")},
      {"aten::max", extreme("Max", "ArgMax")},
      {"aten::min", extreme("Min", "ArgMin")},
      // comparisons
      {"aten::eq", compare("Equal")},
      {"aten::ne", not_equal},
      {"aten::gt", compare("Greater")},
      {"aten::ge", compare("GreaterOrEqual")},
      {"aten::lt", compare("Less")},
      {"aten::le", compare("LessOrEqual")},
      {"aten::logical_not", logical_not},
      {"aten::bitwise_not", logical_not},
      {"aten::logical_and", binary("And")},
      {"aten::logical_or", binary("Or")},
      {"aten::bitwise_and", logical("And")},
      {"aten::bitwise_or", logical("Or")},
      {"aten::bitwise_xor", logical("Xor")},
      {"aten::where", where},
      {"aten::masked_fill", masked_fill},
      // reductions
      {"aten::mean", reduce("ReduceMean")},
      {"aten::sum", reduce("ReduceSum")},
      {"aten::amax", reduce("ReduceMax")},
      {"aten::amin", reduce("ReduceMin")},
      {"aten::logsumexp", logsumexp},
      {"aten::norm", norm},
      {"aten::linalg_vector_norm", norm},
      {"aten::argmax", argmax},
      {"aten::topk", topk},
      {"aten::cumsum", cumsum},
      // shapes
      {"aten::flatten", reshape},
      {"aten::unflatten", reshape},
      {"aten::view", reshape},
      {"aten::_unsafe_view", reshape},
      {"aten::view_as", reshape},
      {"aten::reshape", reshape},
      {"aten::reshape_as", reshape},
      {"aten::squeeze", reshape},
      {"aten::unsqueeze", unsqueeze},
      {"aten::permute", permute},
      {"aten::transpose", transpose},
      {"aten::t", transpose},
      {"aten::expand", expand},
      {"aten::expand_as", expand},
      {"aten::repeat", repeat},
      {"aten::cat", cat},
      {"aten::concat", cat},
      {"aten::stack", stack},
      {"aten::slice", slice},
      {"aten::narrow", narrow},
      {"aten::select", select},
      {"aten::index_select", index_select},
      {"aten::index", index},
      {"aten::gather", gather},
      {"aten::scatter", scatter("none")},
      {"aten::scatter_add", scatter("add")},
      {"aten::one_hot", one_hot},
      {"aten::flip", flip},
      {"aten::roll", roll},
      {"aten::unfold", unfold},
      {"aten::repeat_interleave", repeat_interleave},
      {"aten::chunk", split},
      {"aten::split", split},
      {"aten::split_with_sizes", split},
      {"aten::unbind", unbind},
      {"aten::pad", pad},
      {"aten::constant_pad_nd", pad},
      {"aten::zeros", filled(0)},
      {"aten::zeros_like", filled(0)},
      {"aten::ones", filled(1)},
      {"aten::ones_like", filled(1)},
      {"aten::full", filled_from(1)},
      {"aten::full_like", filled_from(1)},
      {"aten::zero", filled(0)},
      {"aten::fill", filled_from(1)},
      // of this project's own domain (nn/selective_scan.h)
      {"mien::selective_scan", own("SelectiveScan", {"zero_order_hold"})},
      // no change of value
      {"aten::contiguous", identity},
      {"aten::clone", identity},
      {"aten::detach", identity},
      {"aten::alias", identity},
      {"aten::to", identity},
      {"aten::type_as", identity},
  };
  return entries;
}

}  // namespace

Graph lower(const Recording& recording) {
  Lowering lowering(recording);
  for (const auto& op : recording.ops) {
    lowering.begin(op);
    const auto rule = table().find(op.name);
    if (rule == table().end()) lowering.refuse("is not in the operator table");
    rule->second(lowering);
    lowering.end();
  }
  return lowering.finish();
}

std::vector<std::string> known_operators() {
  std::vector<std::string> names;
  for (const auto& [name, rule] : table()) names.push_back(name);
  return names;
}

}  // namespace mien::onnx
