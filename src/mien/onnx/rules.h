// SPDX-License-Identifier: Apache-2.0
// The operator table's rules: each writes the ONNX nodes of one recorded operator. Argument orders are those of
// ATen's schemas (native_functions.yaml).
#pragma once

#include <functional>
#include <string>

#include "mien/onnx/lowering.h"

namespace mien::onnx {

using Rule = std::function<void(Lowering&)>;

namespace rules {

/// Refuses the batch axis of argument 0.
void check_no_batch(Lowering& l, std::int64_t axis);
Ints counted(std::size_t count);  ///< 0, 1, ..., count - 1

// rules_layers.cc
void conv(Lowering& l);            ///< input, weight, bias, stride, padding, dilation, groups
void convolution(Lowering& l);     ///< the same with (transposed, output_padding) before groups
void conv_transpose(Lowering& l);  ///< input, weight, bias, stride, padding, output padding, groups, dilation
void im2col(Lowering& l);
void batch_norm(Lowering& l);
void layer_norm(Lowering& l);
void max_pool2d(Lowering& l);
void avg_pool2d(Lowering& l);
void adaptive_avg_pool2d(Lowering& l);
void linear(Lowering& l);
void addmm(Lowering& l);
void baddbmm(Lowering& l);
void attention(Lowering& l);
Rule upsample(const std::string& mode, std::size_t align_argument);
void dropout(Lowering& l);
void gelu(Lowering& l);
void silu(Lowering& l);
void softplus(Lowering& l);
void elu(Lowering& l);
void leaky_relu(Lowering& l);
void prelu(Lowering& l);
/// An operator of this project: tensors become inputs, the arguments after them attributes with these names.
Rule own(const std::string& op, const std::vector<std::string>& attributes);

// rules_shapes.cc
void reshape(Lowering& l);
void unsqueeze(Lowering& l);
void permute(Lowering& l);
void transpose(Lowering& l);
void expand(Lowering& l);
void repeat(Lowering& l);
void cat(Lowering& l);
void stack(Lowering& l);
void slice(Lowering& l);
void narrow(Lowering& l);
void split(Lowering& l);
void unbind(Lowering& l);
void pad(Lowering& l);
Rule filled(double value);               ///< zeros, ones, their _like forms, zero_
Rule filled_from(std::size_t argument);  ///< full, full_like, fill_
void identity(Lowering& l);              ///< a Cast if the type changes

// rules_indexing.cc
void select(Lowering& l);
void index_select(Lowering& l);
void index(Lowering& l);
void gather(Lowering& l);
Rule scatter(const std::string& reduction);
void one_hot(Lowering& l);
void flip(Lowering& l);
void roll(Lowering& l);
void unfold(Lowering& l);
void repeat_interleave(Lowering& l);

// rules_pointwise.cc
Rule unary(const std::string& op);
Rule binary(const std::string& op);
Rule compare(const std::string& op);
void not_equal(Lowering& l);
Rule logical(const std::string& op);  ///< bitwise operators, only for booleans
Rule add_or_sub(const std::string& op);
void rsub(Lowering& l);
void div(Lowering& l);
void logical_not(Lowering& l);
void square(Lowering& l);
void rsqrt(Lowering& l);
void clamp(Lowering& l);
void relu6(Lowering& l);
void where(Lowering& l);
void masked_fill(Lowering& l);
Rule reduce(const std::string& op);  ///< over (dims, keepdim)
void logsumexp(Lowering& l);
Rule extreme(const std::string& pairwise, const std::string& reduction);
Rule along_axis(const std::string& op);
void norm(Lowering& l);
void argmax(Lowering& l);
void topk(Lowering& l);
void cumsum(Lowering& l);
void einsum(Lowering& l);

}  // namespace rules
}  // namespace mien::onnx
