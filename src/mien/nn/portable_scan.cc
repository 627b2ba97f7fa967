// SPDX-License-Identifier: Apache-2.0
#include "mien/kernels/scan_order.h"
#include "mien/nn/selective_scan.h"

namespace mien::nn {
namespace {

using at::Tensor;

/// x_t = decay_t x_{t-1} + added_t along dimension 1: (a2,b2) ∘ (a1,b1) = (a2 a1, a2 b1 + b2).
Tensor recurrence(Tensor decay, Tensor added) {
  const std::int64_t length = added.size(1);
  for (std::int64_t far = 1; far < length; far *= 2) {
    const std::int64_t rest = length - far;
    const Tensor later = decay.narrow(1, far, rest);
    const Tensor joined = later * added.narrow(1, 0, rest) + added.narrow(1, far, rest);
    added = at::cat({added.narrow(1, 0, far), joined}, 1);
    if (2 * far < length) decay = at::cat({decay.narrow(1, 0, far), later * decay.narrow(1, 0, rest)}, 1);
  }
  return added;
}

/// One direction in its own order: u (B,L,D), rows (B,L,R+2N) → (B,L,D).
Tensor scan_direction(const SelectiveScanInput& in, std::int64_t k, const Tensor& u, const Tensor& rows, bool hold) {
  const std::int64_t rank = in.dt_weight.size(2), states = in.a_logs.size(1), channels = u.size(2);
  const Tensor a = -at::exp(in.a_logs.narrow(0, k * channels, channels));  // (D,N)
  const Tensor step =
      at::softplus(at::linear(rows.narrow(2, 0, rank), in.dt_weight.select(0, k), in.dt_bias.select(0, k)));
  const Tensor input = rows.narrow(2, rank, states).unsqueeze(2), output = rows.narrow(2, rank + states, states);
  const Tensor exponent = step.unsqueeze(3) * a, decay = at::exp(exponent);  // (B,L,D,N)
  const Tensor weight = hold ? (decay - 1) / a : step.unsqueeze(3);
  const Tensor states_of = recurrence(decay, weight * u.unsqueeze(3) * input);
  const Tensor read = at::matmul(states_of, output.unsqueeze(3)).squeeze(3);
  return read + in.d.narrow(0, k * channels, channels) * u;
}

}  // namespace

Tensor portable_selective_scan(const SelectiveScanInput& in, bool zero_order_hold) {
  const std::int64_t directions = in.dt_weight.size(0), height = in.u.size(1), width = in.u.size(2);
  const std::int64_t length = height * width, channels = in.u.size(3);
  const Tensor u = in.u.reshape({in.u.size(0), length, channels});
  const Tensor rows = in.projections.reshape({in.u.size(0), length, directions, in.projections.size(4)});
  const auto table =
      kernels::scan_orders(static_cast<int>(directions), static_cast<int>(height), static_cast<int>(width));
  Tensor sum;
  for (std::int64_t k = 0; k < directions; ++k) {
    const auto begin = table->begin() + k * length;
    const Tensor order = at::tensor(std::vector<std::int64_t>(begin, begin + length)).to(u.device());
    std::vector<std::int64_t> places(static_cast<std::size_t>(length));
    for (std::int64_t t = 0; t < length; ++t) places[static_cast<std::size_t>(begin[t])] = t;
    const Tensor back = at::tensor(places).to(u.device());
    const Tensor y =
        scan_direction(in, k, u.index_select(1, order), rows.select(2, k).index_select(1, order), zero_order_hold);
    const Tensor here = y.index_select(1, back);
    sum = sum.defined() ? sum + here : here;
  }
  return sum.reshape({in.u.size(0), height, width, channels});
}

}  // namespace mien::nn
