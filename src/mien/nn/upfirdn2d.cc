// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/upfirdn2d.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "mien/base/error.h"

namespace mien::nn {
namespace {

/// The two axes may need different padding in the gradient: after a downsampling with leftover samples.
struct Plan {
  std::int64_t up, down;
  std::array<std::int64_t, 2> before, after;  ///< rows, columns
};

std::int64_t length(std::int64_t in, std::int64_t taps, const Plan& plan, std::size_t axis) {
  const std::int64_t padded = in * plan.up + plan.before[axis] + plan.after[axis];
  if (padded < taps)
    throw Error(ErrorKind::failed,
                fmt::format("A kernel of {} taps does not fit into a padded map of {}.", taps, padded));
  return (padded - taps) / plan.down + 1;
}

at::Tensor pad(const at::Tensor& x, std::int64_t top, std::int64_t bottom, std::int64_t left, std::int64_t right) {
  if (top == 0 && bottom == 0 && left == 0 && right == 0) return x;
  return at::constant_pad_nd(x, {left, right, top, bottom});
}

/// Depthwise convolutions: LibTorch has fast kernels for them in every layout, which the direct form (insert zeros,
/// convolve each plane) does not use.
at::Tensor resample(const at::Tensor& x, const at::Tensor& kernel, const Plan& plan) {
  const std::int64_t channels = x.size(1), rows = kernel.size(0), columns = kernel.size(1);
  const auto depthwise = [&](const at::Tensor& k) {
    return k.to(x.scalar_type()).view({1, 1, rows, columns}).expand({channels, 1, rows, columns});
  };
  if (plan.up == 1) {
    const at::Tensor flipped = depthwise(kernel.flip({0, 1}));
    if (plan.before == plan.after && plan.before[0] >= 0 && plan.before[1] >= 0)
      return at::conv2d(x, flipped, {}, plan.down, plan.before, 1, channels);
    constexpr std::array<std::int64_t, 2> kNone{};
    return at::conv2d(pad(x, plan.before[0], plan.after[0], plan.before[1], plan.after[1]), flipped, {}, plan.down,
                      kNone, 1, channels);
  }
  // The transposed convolution is the full one; padding adds or removes at its borders.
  const at::Tensor full = at::conv_transpose2d(x, depthwise(kernel), {}, plan.up, 0, 0, channels);
  const auto margins = [&](std::int64_t taps, std::size_t axis) {
    return std::pair(plan.before[axis] + 1 - taps, plan.after[axis] + plan.up - taps);
  };
  const auto [top, bottom] = margins(rows, 0);
  const auto [left, right] = margins(columns, 1);
  const at::Tensor valid = pad(full, top, bottom, left, right);
  if (plan.down == 1) return valid;
  return valid.slice(2, 0, {}, plan.down).slice(3, 0, {}, plan.down);
}

class UpFirDn : public torch::autograd::Function<UpFirDn> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& kernel,
                            const Plan& plan) {
    const std::array<std::int64_t, 2> in{x.size(2), x.size(3)}, taps{kernel.size(0), kernel.size(1)};
    Plan back{plan.down, plan.up, {}, {}};
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const std::int64_t out = length(in[axis], taps[axis], plan, axis);
      back.before[axis] = taps[axis] - plan.before[axis] - 1;
      back.after[axis] = in[axis] * plan.up - out * plan.down + plan.before[axis] - plan.up + 1;
    }
    context->saved_data["kernel"] = kernel;
    context->saved_data["plan"] =
        std::vector<std::int64_t>{back.up, back.down, back.before[0], back.before[1], back.after[0], back.after[1]};
    return resample(x, kernel, plan);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto numbers = context->saved_data["plan"].toIntVector();
    const Plan plan{numbers[0], numbers[1], {numbers[2], numbers[3]}, {numbers[4], numbers[5]}};
    return {apply(gradients[0], context->saved_data["kernel"].toTensor().flip({0, 1}), plan), {}, {}};
  }
};

}  // namespace

at::Tensor upfirdn2d(const at::Tensor& x, const at::Tensor& kernel, const Resampling& how) {
  return UpFirDn::apply(x, kernel,
                        Plan{how.up, how.down, {how.pad_before, how.pad_before}, {how.pad_after, how.pad_after}});
}

at::Tensor fir_kernel(double gain) {
  const at::Tensor row = at::tensor({1.0f, 3.0f, 3.0f, 1.0f});
  return at::outer(row, row) * (gain / 64);
}

}  // namespace mien::nn
