// SPDX-License-Identifier: Apache-2.0
// First and second derivatives of a function of tensors against central differences, in float64.
#pragma once

#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <functional>
#include <vector>

namespace mien::testing {

using TensorFunction = std::function<at::Tensor(const std::vector<at::Tensor>&)>;

namespace detail {

/// A scalar, so that a single gradient tests everything: the sum of the outputs with fixed random weights.
inline at::Tensor weighted(const at::Tensor& out, std::uint64_t seed) {
  torch::manual_seed(seed);
  return (out * torch::randn_like(out)).sum();
}

inline std::vector<at::Tensor> gradients(const at::Tensor& value, const std::vector<at::Tensor>& inputs) {
  std::vector<at::Tensor> none;
  for (const auto& x : inputs) none.push_back(torch::zeros_like(x));
  if (!value.requires_grad()) return none;
  auto out = torch::autograd::grad({value}, inputs, {}, /*retain_graph=*/true, /*create_graph=*/true,
                                   /*allow_unused=*/true);
  for (std::size_t i = 0; i < out.size(); ++i)
    if (!out[i].defined()) out[i] = none[i];
  return out;
}

inline std::vector<at::Tensor> moved(const std::vector<at::Tensor>& inputs, const std::vector<at::Tensor>& direction,
                                     double by) {
  std::vector<at::Tensor> out;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    out.push_back((inputs[i].detach() + direction[i] * by).requires_grad_());
  return out;
}

inline void expect_derivative(const std::function<at::Tensor(const std::vector<at::Tensor>&)>& value,
                              const std::vector<at::Tensor>& inputs, const char* order) {
  constexpr double kStep = 1e-5;
  const auto slopes = gradients(value(inputs), inputs);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    torch::manual_seed(seed);
    std::vector<at::Tensor> direction;
    for (const auto& x : inputs) direction.push_back(torch::randn_like(x));
    double expected = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) expected += (slopes[i] * direction[i]).sum().item<double>();
    const double measured =
        (value(moved(inputs, direction, kStep)) - value(moved(inputs, direction, -kStep))).item<double>() / (2 * kStep);
    EXPECT_NEAR(measured, expected, 1e-6 * (1 + std::abs(expected))) << order << " derivative, direction " << seed;
  }
}

}  // namespace detail

/// `inputs` are float64 leaves. Checks the gradient of a random weighting of the outputs, and the gradient of a random
/// weighting of that gradient.
inline void expect_two_derivatives(const TensorFunction& function, std::vector<at::Tensor> inputs) {
  for (auto& x : inputs) x.requires_grad_();
  const auto value = [&](const std::vector<at::Tensor>& x) { return detail::weighted(function(x), 11); };
  const auto slope = [&](const std::vector<at::Tensor>& x) {
    at::Tensor sum = torch::zeros({}, at::kDouble);
    const auto slopes = detail::gradients(value(x), x);
    for (std::size_t i = 0; i < slopes.size(); ++i) sum = sum + detail::weighted(slopes[i], 21 + i);
    return sum;
  };
  detail::expect_derivative(value, inputs, "first");
  detail::expect_derivative(slope, inputs, "second");
}

}  // namespace mien::testing
