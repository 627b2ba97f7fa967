// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fer_yolo_mamba/omni_scan.h"

#include <cmath>

#include "mien/nn/float32.h"
#include "mien/nn/selective_scan.h"

namespace mien::methods::fer_yolo_mamba {
namespace {

/// At least single precision: half precision loses the state, double stays double.
at::Tensor full(const at::Tensor& t) { return t.scalar_type() == at::kDouble ? t : t.to(at::kFloat); }

}  // namespace

OmniScanImpl::OmniScanImpl(const OmniScanOptions& o)
    : options_(o), inner_(2 * o.channels), rank_((o.channels + 15) / 16) {
  const auto plain = [](std::int64_t in, std::int64_t out) {
    return torch::nn::Linear(torch::nn::LinearOptions(in, out).bias(false));
  };
  const std::int64_t k = o.directions;
  in_proj = register_module("in_proj", plain(o.channels, 2 * inner_));
  conv2d = register_module("conv2d",
                           torch::nn::Conv2d(torch::nn::Conv2dOptions(inner_, inner_, 3).padding(1).groups(inner_)));
  x_proj_weight = register_parameter("x_proj_weight", torch::empty({k, rank_ + 2 * kScanStates, inner_}));
  dt_projs_weight = register_parameter("dt_projs_weight", torch::empty({k, inner_, rank_}));
  dt_projs_bias = register_parameter("dt_projs_bias", torch::empty({k, inner_}));
  a_logs = register_parameter("A_logs", torch::empty({k * inner_, kScanStates}));
  ds = register_parameter("Ds", torch::empty({k * inner_}));
  out_norm = register_module("out_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({inner_})));
  out_proj = register_module("out_proj", plain(inner_, o.channels));
  reset_parameters();
}

void OmniScanImpl::reset_parameters() {
  const torch::NoGradGuard no_grad;
  for (std::int64_t k = 0; k < options_.directions; ++k) {
    at::Tensor direction = x_proj_weight[k];
    torch::nn::init::kaiming_uniform_(direction, std::sqrt(5.0));  // LibTorch's default for a linear layer
  }
  const double bound = 1 / std::sqrt(static_cast<double>(rank_));
  dt_projs_weight.uniform_(-bound, bound);
  const double low = std::log(0.001), high = std::log(0.1);
  const at::Tensor step = at::exp(at::rand_like(dt_projs_bias) * (high - low) + low).clamp_min(1e-4);
  dt_projs_bias.copy_(step + at::log(-at::expm1(-step)));  // softplus of it is the step
  a_logs.copy_(at::log(at::arange(1, kScanStates + 1).to(a_logs.options())).expand_as(a_logs));
  ds.fill_(1);
}

at::Tensor OmniScanImpl::scanned_input(const at::Tensor& u) const {
  const auto& o = conv2d->options;
  return at::silu(at::conv2d(u.permute({0, 3, 1, 2}), conv2d->weight, conv2d->bias, {1, 1}, {1, 1}, {1, 1}, o.groups()))
      .permute({0, 2, 3, 1});
}

at::Tensor OmniScanImpl::project(const at::Tensor& u) const {
  // A projection does not depend on the pixel order: one product for all directions, read in their orders.
  const std::int64_t row = x_proj_weight.size(1);
  return at::linear(u, full(x_proj_weight).reshape({options_.directions * row, inner_}))
      .reshape({u.size(0), u.size(1), u.size(2), options_.directions, row});
}

at::Tensor OmniScanImpl::run(const at::Tensor& x, at::Tensor* steps) {
  const at::Tensor both = in_proj->forward(x);
  const at::Tensor input = scanned_input(both.narrow(-1, 0, inner_));
  at::Tensor y;
  {
    const nn::Float32 guard(x.device().type());
    const at::Tensor u = full(input);
    const nn::SelectiveScanInput scan{u,       project(u), full(dt_projs_weight), full(dt_projs_bias), full(a_logs),
                                      full(ds)};
    if (steps) *steps = steps_of(scan.projections);
    y = is_portable ? nn::portable_selective_scan(scan, options_.zero_order_hold)
                    : nn::selective_scan(scan, options_.zero_order_hold);
    y = out_norm->forward(y);
  }
  return out_proj->forward(y * at::silu(both.narrow(-1, inner_, inner_)));
}

at::Tensor OmniScanImpl::steps_of(const at::Tensor& projections) const {
  const at::Tensor rows = projections.narrow(-1, 0, rank_);  // (B,H,W,K,R)
  std::vector<at::Tensor> maps;
  for (std::int64_t k = 0; k < options_.directions; ++k)
    maps.push_back(
        at::softplus(at::linear(rows.select(3, k), full(dt_projs_weight[k]), full(dt_projs_bias[k]))).mean(-1));
  return at::stack(maps, -1);
}

at::Tensor OmniScanImpl::step_sizes(const at::Tensor& x) {
  const nn::Float32 guard(x.device().type());
  return steps_of(project(full(scanned_input(in_proj->forward(x).narrow(-1, 0, inner_)))));
}

}  // namespace mien::methods::fer_yolo_mamba
