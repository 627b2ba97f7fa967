// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/selective_scan.h"

#include <ATen/Parallel.h>
#include <fmt/core.h>

#include <torch/library.h>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/nn/selective_scan_shape.h"

namespace mien::nn {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

[[noreturn]] void fail(const std::string& what, const Tensor& found) {
  std::vector<std::string> sizes;
  for (const auto size : found.sizes()) sizes.push_back(std::to_string(size));
  fail_usage(fmt::format("Selective scan: {}, got ({}).", what, join(sizes, ",")));
}

/// Runs on LibTorch's threads.
kernels::Parallel torch_threads() {
  return {at::get_num_threads(), [](std::int64_t count, const std::function<void(std::int64_t)>& task) {
            at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
              for (std::int64_t i = begin; i < end; ++i) task(i);
            });
          }};
}

/// (y, states kept for the backward pass); without `keep` the second is empty.
std::tuple<Tensor, Tensor> forward_cpu(const Tensor& u, const Tensor& projections, const Tensor& dt_weight,
                                       const Tensor& dt_bias, const Tensor& a_logs, const Tensor& d,
                                       bool zero_order_hold, bool keep) {
  const SelectiveScanInput in = contiguous({u, projections, dt_weight, dt_bias, a_logs, d});
  const kernels::ScanShape shape = scan_shape(in, zero_order_hold);
  const Tensor y = at::empty_like(in.u), kept = at::empty({keep ? kernels::kept_state_count(shape) : 0}, u.options());
  AT_DISPATCH_FLOATING_TYPES(u.scalar_type(), "selective_scan", [&] {
    kernels::selective_scan<scalar_t>(shape, pointers<scalar_t>(in), y.data_ptr<scalar_t>(),
                                      keep ? kept.data_ptr<scalar_t>() : nullptr, torch_threads());
  });
  return {y, kept};
}

using Gradients = std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor>;

Gradients backward_cpu(const Tensor& grad_y, const Tensor& kept, const Tensor& u, const Tensor& projections,
                       const Tensor& dt_weight, const Tensor& dt_bias, const Tensor& a_logs, const Tensor& d,
                       bool zero_order_hold) {
  const SelectiveScanInput in = contiguous({u, projections, dt_weight, dt_bias, a_logs, d});
  const kernels::ScanShape shape = scan_shape(in, zero_order_hold);
  const Tensor grad = grad_y.contiguous();
  const SelectiveScanInput out = empty_like(in);
  AT_DISPATCH_FLOATING_TYPES(u.scalar_type(), "selective_scan_backward", [&] {
    kernels::selective_scan_backward<scalar_t>(shape, pointers<scalar_t>(in), kept.const_data_ptr<scalar_t>(),
                                               grad.const_data_ptr<scalar_t>(), gradient_pointers<scalar_t>(out),
                                               torch_threads());
  });
  return {out.u, out.projections, out.dt_weight, out.dt_bias, out.a_logs, out.d};
}

// The operators are called by name, so that each device uses its own kernel.

std::tuple<Tensor, Tensor> call_forward(const SelectiveScanInput& in, bool zero_order_hold, bool keep) {
  static const auto op =
      c10::Dispatcher::singleton().findSchemaOrThrow("mien::selective_scan_forward", "").typed<decltype(forward_cpu)>();
  return op.call(in.u, in.projections, in.dt_weight, in.dt_bias, in.a_logs, in.d, zero_order_hold, keep);
}

Gradients call_backward(const Tensor& grad_y, const Tensor& kept, const SelectiveScanInput& in, bool zero_order_hold) {
  static const auto op = c10::Dispatcher::singleton()
                             .findSchemaOrThrow("mien::selective_scan_backward", "")
                             .typed<decltype(backward_cpu)>();
  return op.call(grad_y, kept, in.u, in.projections, in.dt_weight, in.dt_bias, in.a_logs, in.d, zero_order_hold);
}

class ScanFunction : public torch::autograd::Function<ScanFunction> {
 public:
  static Variable forward(AutogradContext* context, const Tensor& u, const Tensor& projections, const Tensor& dt_weight,
                          const Tensor& dt_bias, const Tensor& a_logs, const Tensor& d, bool zero_order_hold) {
    const at::AutoDispatchBelowADInplaceOrView below;
    auto [y, kept] = call_forward({u, projections, dt_weight, dt_bias, a_logs, d}, zero_order_hold, true);
    context->save_for_backward({u, projections, dt_weight, dt_bias, a_logs, d, kept});
    context->saved_data["zero_order_hold"] = zero_order_hold;
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& grad) {
    const auto s = context->get_saved_variables();
    const auto [u, projections, dt_weight, dt_bias, a_logs, d] = call_backward(
        grad[0], s[6], {s[0], s[1], s[2], s[3], s[4], s[5]}, context->saved_data["zero_order_hold"].toBool());
    return {u, projections, dt_weight, dt_bias, a_logs, d, Variable()};
  }
};

Tensor scan_with_gradient(const Tensor& u, const Tensor& projections, const Tensor& dt_weight, const Tensor& dt_bias,
                          const Tensor& a_logs, const Tensor& d, bool zero_order_hold) {
  return ScanFunction::apply(u, projections, dt_weight, dt_bias, a_logs, d, zero_order_hold);
}

Tensor scan_without_gradient(const Tensor& u, const Tensor& projections, const Tensor& dt_weight, const Tensor& dt_bias,
                             const Tensor& a_logs, const Tensor& d, bool zero_order_hold) {
  return std::get<0>(call_forward({u, projections, dt_weight, dt_bias, a_logs, d}, zero_order_hold, false));
}

TORCH_LIBRARY(mien, m) {
  m.def(
      "selective_scan(Tensor u, Tensor projections, Tensor dt_weight, Tensor dt_bias, Tensor a_logs, Tensor d, "
      "bool zero_order_hold=False) -> Tensor");
  m.def(
      "selective_scan_forward(Tensor u, Tensor projections, Tensor dt_weight, Tensor dt_bias, Tensor a_logs, Tensor d, "
      "bool zero_order_hold, bool keep) -> (Tensor, Tensor)");
  m.def(
      "selective_scan_backward(Tensor grad_y, Tensor kept, Tensor u, Tensor projections, Tensor dt_weight, "
      "Tensor dt_bias, Tensor a_logs, Tensor d, bool zero_order_hold) -> "
      "(Tensor, Tensor, Tensor, Tensor, Tensor, Tensor)");
}
#if defined(MIEN_CUDA)
const bool kHasCuda = has_cuda_scan();
#endif
TORCH_LIBRARY_IMPL(mien, Autograd, m) { m.impl("selective_scan", scan_with_gradient); }
TORCH_LIBRARY_IMPL(mien, CPU, m) {
  m.impl("selective_scan", scan_without_gradient);
  m.impl("selective_scan_forward", forward_cpu);
  m.impl("selective_scan_backward", backward_cpu);
}

}  // namespace

kernels::ScanShape scan_shape(const SelectiveScanInput& in, bool zero_order_hold) {
  if (in.u.dim() != 4) fail("the map must be (pictures, height, width, channels)", in.u);
  if (in.dt_weight.dim() != 3) fail("the step's weights must be (directions, channels, rank)", in.dt_weight);
  if (in.a_logs.dim() != 2) fail("the decay rates must be (directions · channels, states)", in.a_logs);
  const std::int64_t k = in.dt_weight.size(0), d = in.u.size(3), rank = in.dt_weight.size(2), n = in.a_logs.size(1);
  if (in.dt_weight.size(1) != d) fail("the step's weights need the map's channels", in.dt_weight);
  if (in.dt_bias.sizes() != at::IntArrayRef{k, d}) fail("the step's biases need (directions, channels)", in.dt_bias);
  if (in.a_logs.size(0) != k * d) fail("the decay rates need directions · channels rows", in.a_logs);
  if (in.d.sizes() != at::IntArrayRef{k * d}) fail("the weights of the input need directions · channels", in.d);
  if (in.projections.sizes() != at::IntArrayRef{in.u.size(0), in.u.size(1), in.u.size(2), k, rank + 2 * n})
    fail("the projections need (pictures, height, width, directions, rank + 2 · states)", in.projections);
  const auto type = in.u.scalar_type();
  if (type != at::kFloat && type != at::kDouble) fail_usage("Selective scan: the map must be float32 or float64.");
  for (const Tensor* t : {&in.projections, &in.dt_weight, &in.dt_bias, &in.a_logs, &in.d})
    if (t->scalar_type() != type) fail_usage("Selective scan: all tensors must have the same type.");
  return {in.u.size(0),
          static_cast<int>(in.u.size(1)),
          static_cast<int>(in.u.size(2)),
          d,
          static_cast<int>(n),
          static_cast<int>(rank),
          static_cast<int>(k),
          zero_order_hold};
}

SelectiveScanInput contiguous(const SelectiveScanInput& in) {
  return {in.u.contiguous(),       in.projections.contiguous(), in.dt_weight.contiguous(),
          in.dt_bias.contiguous(), in.a_logs.contiguous(),      in.d.contiguous()};
}

SelectiveScanInput empty_like(const SelectiveScanInput& in) {
  const auto like = [](const Tensor& t) { return at::empty_like(t); };
  return {like(in.u), like(in.projections), like(in.dt_weight), like(in.dt_bias), like(in.a_logs), like(in.d)};
}

at::Tensor selective_scan(const SelectiveScanInput& in, bool zero_order_hold) {
  static const auto op = c10::Dispatcher::singleton()
                             .findSchemaOrThrow("mien::selective_scan", "")
                             .typed<decltype(scan_without_gradient)>();
  return op.call(in.u, in.projections, in.dt_weight, in.dt_bias, in.a_logs, in.d, zero_order_hold);
}

}  // namespace mien::nn
