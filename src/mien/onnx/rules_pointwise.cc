// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "mien/onnx/rules.h"

namespace mien::onnx::rules {
namespace {

void check_not_over_batch(Lowering& l, const Ints& axes) {
  for (auto d : axes)
    if (is_batch(l.shape(0)[static_cast<std::size_t>(d)])) l.refuse("over the batch cannot be exported");
}

/// ReduceSum takes its axes as an input, the others as an attribute (opset 17).
void emit_reduction(Lowering& l, const std::string& op, const std::string& value, const Ints& axes, bool keep) {
  check_not_over_batch(l, axes);
  if (axes.empty()) return l.node("Identity", {value});  // a single number
  if (op == "ReduceSum") return l.node(op, {value, l.constant(axes)}, {{"keepdims", std::int64_t{keep}}});
  l.node(op, {value}, {{"axes", axes}, {"keepdims", std::int64_t{keep}}});
}

}  // namespace

Rule unary(const std::string& op) {
  return [=](Lowering& l) { l.node(op, {l.operand(0)}); };
}
Rule binary(const std::string& op) {
  return [=](Lowering& l) { l.node(op, {l.operand(0), l.operand(1)}); };
}
Rule compare(const std::string& op) {
  return [=](Lowering& l) { l.node(op, {l.in(0), l.operand(1, l.type(0))}); };
}

void not_equal(Lowering& l) { l.node("Not", {l.inner("Equal", {l.in(0), l.operand(1, l.type(0))})}); }

Rule logical(const std::string& op) {
  return [=](Lowering& l) {
    if (l.out_type() != ElementType::boolean) l.refuse("of integers has no form in this opset");
    l.node(op, {l.operand(0), l.operand(1)});
  };
}

// (a, b, alpha)
Rule add_or_sub(const std::string& op) {
  return [=](Lowering& l) { l.node(op, {l.operand(0), l.times(l.operand(1), l.real(2, 1))}); };
}

// (a, b, alpha): b - alpha·a
void rsub(Lowering& l) { l.node("Sub", {l.operand(1), l.times(l.operand(0), l.real(2, 1))}); }

// (a, b, rounding_mode)
void div(Lowering& l) {
  if (!l.is_none(2)) l.refuse("with rounding is not supported yet");
  binary("Div")(l);
}

void logical_not(Lowering& l) { l.node("Not", {l.operand(0, ElementType::boolean)}); }
void square(Lowering& l) { l.node("Mul", {l.in(0), l.in(0)}); }
void rsqrt(Lowering& l) { l.node("Reciprocal", {l.inner("Sqrt", {l.in(0)})}); }

// (input, min, max), numbers or tensors; clamp_min and clamp_max are Max and Min
void clamp(Lowering& l) {
  if (l.is_tensor(1) || l.is_tensor(2)) l.refuse("with tensors as limits is not supported yet");
  l.node("Clip", {l.in(0), l.is_none(1) ? "" : l.operand(1), l.is_none(2) ? "" : l.operand(2)});
}

void relu6(Lowering& l) { l.node("Clip", {l.in(0), l.scalar(0), l.scalar(6)}); }

// (condition, a, b)
void where(Lowering& l) { l.node("Where", {l.in(0), l.operand(1), l.operand(2)}); }
// (input, mask, value)
void masked_fill(Lowering& l) { l.node("Where", {l.in(1), l.operand(2), l.in(0)}); }

Rule reduce(const std::string& op) {
  return [=](Lowering& l) { emit_reduction(l, op, l.operand(0), l.axes(1), l.flag(2, false)); };
}

// (input, dims, keepdim): m + log Σ exp(x - m) with m the largest; OpenVINO 2026.4 ignores the axes of ReduceLogSumExp
void logsumexp(Lowering& l) {
  const Ints axes = l.axes(1);
  check_not_over_batch(l, axes);
  const std::string x = l.operand(0);
  const std::string largest = l.inner("ReduceMax", {x}, {{"axes", axes}, {"keepdims", std::int64_t{1}}});
  const std::string sum = l.inner("ReduceSum", {l.inner("Exp", {l.inner("Sub", {x, largest})}), l.constant(axes)},
                                  {{"keepdims", std::int64_t{1}}});
  const std::string result = l.inner("Add", {l.inner("Log", {sum}), largest});
  if (l.flag(2, false)) return l.node("Identity", {result});
  l.node("Squeeze", {result, l.constant(axes)});
}

// max and min: (a, b), (input) or (input, dim, keepdim) → values, indices
Rule extreme(const std::string& pairwise, const std::string& reduction) {
  return [=](Lowering& l) {
    if (l.is_tensor(1)) return binary(pairwise)(l);
    emit_reduction(l, "Reduce" + pairwise, l.operand(0), l.axes(1), l.flag(2, false));
    if (l.num_out() > 1)
      l.node(reduction, {l.in(0)}, {{"axis", l.axis(1, 0)}, {"keepdims", std::int64_t{l.flag(2, false)}}}, 1);
  };
}

// (input, dim, ...)
Rule along_axis(const std::string& op) {
  return [=](Lowering& l) {
    check_not_over_batch(l, {l.axis(1, -1)});
    l.node(op, {l.operand(0)}, {{"axis", l.axis(1, -1)}});
  };
}

// norm, linalg_vector_norm (input, p, dims, keepdim)
void norm(Lowering& l) {
  const double p = l.real(1, 2);
  if (p == 2) return emit_reduction(l, "ReduceL2", l.operand(0), l.axes(2), l.flag(3, false));
  if (p != 1) l.refuse("of an order other than 1 and 2 is not supported yet");
  // OpenVINO 2026.4 ignores the axes of ReduceL1.
  emit_reduction(l, "ReduceSum", l.inner("Abs", {l.operand(0)}), l.axes(2), l.flag(3, false));
}

// (input, dim, keepdim)
void argmax(Lowering& l) {
  if (l.is_none(1)) l.refuse("over all dimensions has no ONNX form");
  check_not_over_batch(l, {l.axis(1, 0)});
  l.node("ArgMax", {l.in(0)}, {{"axis", l.axis(1, 0)}, {"keepdims", std::int64_t{l.flag(2, false)}}});
}

// (input, k, dim, largest, sorted) → values, indices
void topk(Lowering& l) {
  const auto axis = l.axis(2, -1);
  check_not_over_batch(l, {axis});
  l.node_for_all_outputs("TopK", {l.in(0), l.constant(Ints{l.integer(1, 1)})},
                         {{"axis", axis}, {"largest", l.integer(3, 1)}, {"sorted", l.integer(4, 1)}});
}

// (input, dim)
void cumsum(Lowering& l) {
  check_not_over_batch(l, {l.axis(1, 0)});
  l.node("CumSum", {l.operand(0), l.scalar(static_cast<double>(l.axis(1, 0)), ElementType::int64)});
}

// (equation, tensors)
void einsum(Lowering& l) { l.node("Einsum", l.in_list(1), {{"equation", l.word(0, "")}}); }

}  // namespace mien::onnx::rules
