// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/selective_scan.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/kernels/scan_order.h"
#include "mien/nn/recorder.h"

namespace mien::nn {
namespace {

using at::Tensor;

struct Sizes {
  std::int64_t pictures = 2, height = 3, width = 4, channels = 5, directions = 8, rank = 2, states = 3;
};

SelectiveScanInput random_input(const Sizes& s, at::ScalarType type) {
  at::manual_seed(7);
  const auto options = at::TensorOptions(type);
  return {at::randn({s.pictures, s.height, s.width, s.channels}, options),
          at::randn({s.pictures, s.height, s.width, s.directions, s.rank + 2 * s.states}, options),
          at::randn({s.directions, s.channels, s.rank}, options),
          at::randn({s.directions, s.channels}, options) - 2,
          at::randn({s.directions * s.channels, s.states}, options),
          at::randn({s.directions * s.channels}, options)};
}

std::vector<Tensor> all(const SelectiveScanInput& in) {
  return {in.u, in.projections, in.dt_weight, in.dt_bias, in.a_logs, in.d};
}

/// The definition with LibTorch's operators, so that autograd gives the gradients.
Tensor reference(const SelectiveScanInput& in, bool hold) {
  const std::int64_t directions = in.dt_weight.size(0), rank = in.dt_weight.size(2), states = in.a_logs.size(1);
  const auto table = kernels::scan_orders(static_cast<int>(directions), static_cast<int>(in.u.size(1)),
                                          static_cast<int>(in.u.size(2)));
  const Tensor orders = at::tensor(at::ArrayRef<std::int32_t>(*table)).to(at::kLong).view({directions, -1});
  const Tensor u = in.u.flatten(1, 2), rows = in.projections.flatten(1, 2);
  const Tensor a = -at::exp(in.a_logs.view({directions, -1, states}));
  Tensor y = at::zeros_like(u);
  for (std::int64_t k = 0; k < directions; ++k) {
    const Tensor row = rows.select(2, k).index_select(1, orders[k]), v = u.index_select(1, orders[k]);
    const Tensor delta = at::softplus(at::matmul(row.narrow(2, 0, rank), in.dt_weight[k].t()) + in.dt_bias[k]);
    Tensor x = at::zeros({u.size(0), u.size(2), states}, u.options());
    std::vector<Tensor> out;
    for (std::int64_t t = 0; t < u.size(1); ++t) {
      const Tensor step = delta.select(1, t).unsqueeze(-1), input = row.select(1, t).narrow(1, rank, states);
      const Tensor decay = at::exp(step * a[k]), weight = hold ? at::expm1(step * a[k]) / a[k] : step;
      x = decay * x + weight * v.select(1, t).unsqueeze(-1) * input.unsqueeze(1);
      out.push_back((x * row.select(1, t).narrow(1, rank + states, states).unsqueeze(1)).sum(-1));
    }
    const Tensor scanned = at::stack(out, 1) + in.d.view({directions, -1})[k] * v;
    y = y.index_add(1, orders[k], scanned);
  }
  return y.view_as(in.u);
}

double distance(const Tensor& a, const Tensor& b) { return ((a - b).norm() / b.norm()).item<double>(); }

TEST(SelectiveScan, ValuesAndGradientsEqualAutogradsInDouble) {  // card 9: L = 9 and more
  for (const bool hold : {false, true})
    for (const Sizes& sizes : {Sizes{1, 3, 3, 6, 1, 1, 2}, Sizes{}, Sizes{2, 5, 7, 3, 4, 3, 16}}) {
      const SelectiveScanInput in = random_input(sizes, at::kDouble);
      for (Tensor t : all(in)) t.requires_grad_();
      const Tensor y = selective_scan(in, hold), expected = reference(in, hold);
      EXPECT_LT(distance(y, expected), 1e-13);
      const Tensor weight = at::randn_like(y);
      const auto found = torch::autograd::grad({y}, all(in), {weight});
      const auto wanted = torch::autograd::grad({expected}, all(in), {weight});
      for (std::size_t i = 0; i < found.size(); ++i) EXPECT_LT(distance(found[i], wanted[i]), 1e-12) << "input " << i;
    }
}

TEST(SelectiveScan, GradientsPassTheGradientCheck) {  // central differences, float64, card 9: L = 9, K·D = 6
  const SelectiveScanInput in = random_input({1, 3, 3, 6, 1, 1, 2}, at::kDouble);
  for (Tensor t : all(in)) t.requires_grad_();
  const Tensor weight = at::randn_like(in.u);
  const auto found = torch::autograd::grad({selective_scan(in)}, all(in), {weight});
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Tensor values = all(in)[i].view(-1), gradient = found[i].reshape(-1);
    for (std::int64_t j = 0; j < values.numel(); ++j) {
      const double kept = values[j].item<double>(), step = 1e-5;
      const auto loss = [&](double value) {
        values[j].fill_(value);
        return (selective_scan(in) * weight).sum().item<double>();
      };
      const double quotient = (loss(kept + step) - loss(kept - step)) / (2 * step);
      values[j].fill_(kept);
      EXPECT_NEAR(gradient[j].item<double>(), quotient, 1e-8 * std::max(1.0, std::abs(quotient)));
    }
  }
}

TEST(SelectiveScan, TakesTensorsOfAnyLayoutAndSparesTheirGradients) {
  const SelectiveScanInput in = random_input({}, at::kFloat);
  SelectiveScanInput turned = in;
  turned.u = in.u.permute({0, 3, 1, 2}).contiguous().permute({0, 2, 3, 1});
  turned.u.requires_grad_();  // the others do not require a gradient
  const Tensor y = selective_scan(turned);
  EXPECT_TRUE(at::equal(y, selective_scan(in)));
  y.sum().backward();
  EXPECT_TRUE(turned.u.grad().defined());
  EXPECT_FALSE(in.a_logs.grad().defined());
}

TEST(SelectiveScan, PortableFormGivesTheSame) {
  for (const bool hold : {false, true})
    for (const Sizes& sizes : {Sizes{}, Sizes{2, 5, 7, 3, 4, 3, 16}, Sizes{1, 1, 1, 2, 1, 1, 1}}) {
      const SelectiveScanInput in = random_input(sizes, at::kDouble);
      EXPECT_LT(distance(portable_selective_scan(in, hold), selective_scan(in, hold)), 1e-12);
    }
}

TEST(SelectiveScan, RecordsAsOneOperator) {
  const SelectiveScanInput in = random_input({.pictures = 1}, at::kFloat);
  const auto recording = record(
      [&](const Tensor& u) {
        SelectiveScanInput batch = in;
        batch.u = u;
        batch.projections = at::linear(u, at::ones({8 * 8, 5})).unflatten(-1, {8, 8});
        return std::vector<Tensor>{selective_scan(batch)};
      },
      {3, 4, 5}, {"y"}, {});
  const auto scans = std::count_if(recording.ops.begin(), recording.ops.end(),
                                   [](const auto& op) { return op.name == "mien::selective_scan"; });
  EXPECT_EQ(scans, 1);
  for (const auto& op : recording.ops) EXPECT_EQ(op.name.find("mien::selective_scan_"), std::string::npos) << op.name;
}

TEST(SelectiveScan, RefusesTensorsThatDoNotFit) {
  const auto refused = [](auto change) {
    SelectiveScanInput in = random_input({}, at::kFloat);
    change(in);
    EXPECT_THROW(selective_scan(in), Error);
  };
  refused([](auto& in) { in.u = in.u.narrow(3, 0, 4); });
  refused([](auto& in) { in.projections = in.projections.narrow(4, 0, 7); });
  refused([](auto& in) { in.dt_bias = in.dt_bias.to(at::kDouble); });
  refused([](auto& in) { in.d = in.d.narrow(0, 0, 3); });
  refused([](auto& in) { in.a_logs = in.a_logs[0]; });
}

}  // namespace
}  // namespace mien::nn
