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

// rules_layers.cc
void conv(Lowering& l);         ///< input, weight, bias, stride, padding, dilation, groups
void convolution(Lowering& l);  ///< the same with (transposed, output_padding) before groups
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
void select(Lowering& l);
void index_select(Lowering& l);
void split(Lowering& l);
void unbind(Lowering& l);
void pad(Lowering& l);
Rule filled(double value);               ///< zeros, ones, their _like forms, zero_
Rule filled_from(std::size_t argument);  ///< full, full_like, fill_
void identity(Lowering& l);              ///< a Cast where the type changes

// rules_pointwise.cc
Rule unary(const std::string& op);
Rule binary(const std::string& op);
Rule compare(const std::string& op);
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
void einsum(Lowering& l);

}  // namespace rules
}  // namespace mien::onnx
