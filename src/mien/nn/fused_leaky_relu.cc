// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/fused_leaky_relu.h"

#include <numbers>

namespace mien::nn {
namespace {

constexpr double kSlope = 0.2, kGain = std::numbers::sqrt2;

class FusedLeakyRelu : public torch::autograd::Function<FusedLeakyRelu> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& bias) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
    shape[1] = bias.size(0);
    const at::Tensor y = at::leaky_relu(x + bias.view(shape), kSlope) * kGain;
    context->save_for_backward({y});
    return y;
  }

  /// The sign of the result is that of the argument; leaky_relu_backward is itself differentiable.
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const at::Tensor y = context->get_saved_variables()[0];
    const at::Tensor to_x = at::leaky_relu_backward(gradients[0] * kGain, y, kSlope, /*self_is_result=*/true);
    std::vector<std::int64_t> others{0};
    for (std::int64_t axis = 2; axis < y.dim(); ++axis) others.push_back(axis);
    return {to_x, to_x.sum(others)};
  }
};

}  // namespace

at::Tensor fused_leaky_relu(const at::Tensor& x, const at::Tensor& bias) { return FusedLeakyRelu::apply(x, bias); }

}  // namespace mien::nn
