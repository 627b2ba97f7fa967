// SPDX-License-Identifier: Apache-2.0
#if defined(MIEN_CUDA)  // the build found LibTorch with CUDA and the CUDA compiler
#include "mien/kernels/selective_scan_cuda.h"

#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/library.h>

#include "mien/kernels/scan_order.h"
#include "mien/nn/selective_scan_shape.h"

namespace mien::nn {
namespace {

using at::Tensor;

Tensor orders_of(const kernels::ScanShape& shape, at::Device device) {
  const auto table = kernels::scan_orders(shape.directions, shape.height, shape.width);
  return at::tensor(at::ArrayRef<std::int32_t>(*table)).to(device);
}

std::tuple<Tensor, Tensor> forward_cuda(const Tensor& u, const Tensor& projections, const Tensor& dt_weight,
                                        const Tensor& dt_bias, const Tensor& a_logs, const Tensor& d,
                                        bool zero_order_hold, bool keep) {
  const c10::cuda::CUDAGuard guard(u.device());
  const SelectiveScanInput in = contiguous({u, projections, dt_weight, dt_bias, a_logs, d});
  const kernels::ScanShape shape = scan_shape(in, zero_order_hold);
  const Tensor orders = orders_of(shape, u.device()), y = at::empty_like(in.u);
  const Tensor kept = at::empty({keep ? kernels::kept_state_count_cuda(shape) : 0}, u.options());
  AT_DISPATCH_FLOATING_TYPES(u.scalar_type(), "selective_scan", [&] {
    kernels::selective_scan_cuda<scalar_t>(shape, pointers<scalar_t>(in), orders.const_data_ptr<std::int32_t>(),
                                           y.data_ptr<scalar_t>(), keep ? kept.data_ptr<scalar_t>() : nullptr,
                                           c10::cuda::getCurrentCUDAStream().stream());
  });
  return {y, kept};
}

Tensor scan_cuda(const Tensor& u, const Tensor& projections, const Tensor& dt_weight, const Tensor& dt_bias,
                 const Tensor& a_logs, const Tensor& d, bool zero_order_hold) {
  return std::get<0>(forward_cuda(u, projections, dt_weight, dt_bias, a_logs, d, zero_order_hold, false));
}

std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor> backward_cuda(const Tensor& grad_y, const Tensor& kept,
                                                                         const Tensor& u, const Tensor& projections,
                                                                         const Tensor& dt_weight, const Tensor& dt_bias,
                                                                         const Tensor& a_logs, const Tensor& d,
                                                                         bool zero_order_hold) {
  const c10::cuda::CUDAGuard guard(u.device());
  const SelectiveScanInput in = contiguous({u, projections, dt_weight, dt_bias, a_logs, d}), out = empty_like(in);
  const kernels::ScanShape shape = scan_shape(in, zero_order_hold);
  const Tensor orders = orders_of(shape, u.device()), grad = grad_y.contiguous();
  const Tensor scratch = at::empty({kernels::scratch_count_cuda(shape)}, u.options());
  AT_DISPATCH_FLOATING_TYPES(u.scalar_type(), "selective_scan_backward", [&] {
    kernels::selective_scan_backward_cuda<scalar_t>(
        shape, pointers<scalar_t>(in), orders.const_data_ptr<std::int32_t>(), kept.const_data_ptr<scalar_t>(),
        grad.const_data_ptr<scalar_t>(), gradient_pointers<scalar_t>(out), scratch.data_ptr<scalar_t>(),
        c10::cuda::getCurrentCUDAStream().stream());
  });
  return {out.u, out.projections, out.dt_weight, out.dt_bias, out.a_logs, out.d};
}

TORCH_LIBRARY_IMPL(mien, CUDA, m) {
  m.impl("selective_scan", scan_cuda);
  m.impl("selective_scan_forward", forward_cuda);
  m.impl("selective_scan_backward", backward_cuda);
}

}  // namespace

bool has_cuda_scan() { return true; }

}  // namespace mien::nn
#endif
