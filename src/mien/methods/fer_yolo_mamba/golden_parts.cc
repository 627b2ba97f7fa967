// SPDX-License-Identifier: Apache-2.0
// The golden file of the parts: scan, orders of the directions, SS2D, one block, learning rates.
#include "mien/base/text.h"
#include "mien/kernels/scan_order.h"
#include "mien/method/golden_scribe.h"
#include "mien/methods/fer_yolo_mamba/config.h"
#include "mien/methods/fer_yolo_mamba/vss_block.h"
#include "mien/nn/selective_scan.h"
#include "mien/nn/state.h"

namespace mien::methods::fer_yolo_mamba {
namespace {

using method::GoldenScribe;

at::Tensor leaf(const at::Tensor& t) { return t.detach().clone().requires_grad_(); }

/// The file's scan has a step size per channel, a group of channels per B and C, and one direction: each group is a map
/// of one row whose step projection is the identity.
struct ScanGroup {
  nn::SelectiveScanInput input;
  at::Tensor delta, b, c;  ///< leaves inside input.projections: (B,L,channels), (B,L,N), (B,L,N)
};

ScanGroup group_of(GoldenScribe& scribe, std::int64_t group, std::int64_t channels) {
  const auto part = [&](const char* name, std::int64_t dim) {
    return scribe.input(name).narrow(dim, group * channels, channels);
  };
  ScanGroup g;
  g.delta = leaf(part("scan.delta", 1).transpose(1, 2));
  g.b = leaf(scribe.input("scan.B").select(1, group).transpose(1, 2));
  g.c = leaf(scribe.input("scan.C").select(1, group).transpose(1, 2));
  g.input.u = leaf(part("scan.u", 1).transpose(1, 2).unsqueeze(1));
  g.input.projections = at::cat({g.delta, g.b, g.c}, -1).unsqueeze(1).unsqueeze(3);
  g.input.dt_weight = at::eye(channels).unsqueeze(0);
  g.input.dt_bias = leaf(part("scan.delta_bias", 0).unsqueeze(0));
  g.input.a_logs = leaf(at::log(-part("scan.A", 0)));
  g.input.d = leaf(part("scan.D", 0));
  return g;
}

/// The state after the last position, component by component, read out with C = e_n and D = 0.
at::Tensor last_state(const nn::SelectiveScanInput& input, std::int64_t rank) {
  const torch::NoGradGuard no_grad;
  nn::SelectiveScanInput probe = input;
  probe.d = at::zeros_like(input.d);
  const std::int64_t states = input.a_logs.size(1), last = input.u.size(2) - 1;
  std::vector<at::Tensor> components;
  for (std::int64_t n = 0; n < states; ++n) {
    probe.projections = input.projections.clone();
    at::Tensor output = probe.projections.narrow(-1, rank + states, states);
    output.zero_();
    output.select(-1, n).fill_(1);
    components.push_back(nn::selective_scan(probe).select(1, 0).select(1, last));  // (B,D)
  }
  return at::stack(components, -1);
}

void run_scan(GoldenScribe& scribe) {
  const std::int64_t groups = scribe.input("scan.B").size(1), channels = scribe.input("scan.u").size(1) / groups;
  std::vector<at::Tensor> y, state, u, delta, a, b, c, d, bias;
  for (std::int64_t i = 0; i < groups; ++i) {
    const ScanGroup g = group_of(scribe, i, channels);
    const at::Tensor out = nn::selective_scan(g.input).squeeze(1).transpose(1, 2);
    (out * scribe.input("scan.dy").narrow(1, i * channels, channels)).sum().backward();
    y.push_back(out);
    state.push_back(last_state(g.input, channels));
    u.push_back(g.input.u.grad().squeeze(1).transpose(1, 2));
    delta.push_back(g.delta.grad().transpose(1, 2));
    a.push_back(g.input.a_logs.grad() / scribe.input("scan.A").narrow(0, i * channels, channels));
    b.push_back(g.b.grad().transpose(1, 2).unsqueeze(1));
    c.push_back(g.c.grad().transpose(1, 2).unsqueeze(1));
    d.push_back(g.input.d.grad());
    bias.push_back(g.input.dt_bias.grad().squeeze(0));
  }
  scribe.output("scan.y", at::cat(y, 1));
  scribe.output("scan.last_state", at::cat(state, 1));
  scribe.gradient("scan.grad.u", at::cat(u, 1));
  scribe.gradient("scan.grad.delta", at::cat(delta, 1));
  scribe.gradient("scan.grad.A", at::cat(a, 0));
  scribe.gradient("scan.grad.B", at::cat(b, 1));
  scribe.gradient("scan.grad.C", at::cat(c, 1));
  scribe.gradient("scan.grad.D", at::cat(d, 0));
  scribe.gradient("scan.grad.delta_bias", at::cat(bias, 0));
}

void run_orders(GoldenScribe& scribe) {
  const std::string prefix = "cross_scan.";
  for (const std::string& name : scribe.names(prefix)) {
    const auto sides = split(std::string_view(name).substr(prefix.size()), 'x');
    const auto orders =
        kernels::scan_orders(8, static_cast<int>(*parse_int(sides.at(0))), static_cast<int>(*parse_int(sides.at(1))));
    scribe.output(name, at::tensor(at::ArrayRef<std::int32_t>(*orders)).to(at::kLong).view_as(scribe.stored(name)));
  }
}

void add_gradients(GoldenScribe& scribe, const std::string& prefix, const at::Tensor& input,
                   const torch::nn::Module& module) {
  scribe.gradient(prefix + "grad.input", input.grad());
  scribe.gradients(prefix + "grad", module);
}

void run_ss2d(GoldenScribe& scribe) {
  OmniScan module(OmniScanOptions{.channels = scribe.input("ss2d.input").size(3)});
  for (const auto& [key, value] : nn::state_of(*module)) {
    const torch::NoGradGuard no_grad;
    value.copy_(scribe.input("ss2d.param." + key));
  }
  const at::Tensor input = leaf(scribe.input("ss2d.input"));
  const at::Tensor output = module->forward(input);
  (output * scribe.input("ss2d.dy")).sum().backward();
  scribe.output("ss2d.output", output);
  add_gradients(scribe, "ss2d.", input, *module);
}

void run_vss(GoldenScribe& scribe) {
  VssBlock block(VssOptions{.channels = scribe.input("vss.input").size(1)});
  for (const auto& [key, value] : nn::state_of(*block)) {
    const torch::NoGradGuard no_grad;
    value.copy_(nn::formula_tensor(scribe.salt(), "vss." + key, value.sizes(), value.scalar_type()));
  }
  block->eval();
  const at::Tensor input = leaf(scribe.input("vss.input"));
  const at::Tensor output = block->forward(input);
  (output * scribe.input("vss.dy")).sum().backward();
  scribe.output("vss.output", output);
  add_gradients(scribe, "vss.", input, *block);
}

void run_schedules(GoldenScribe& scribe) {
  const FerYoloMambaConfig config;
  for (const auto& [name, batch] : {std::pair{"schedule.freeze_bs32", 32}, {"schedule.unfreeze_bs16", 16}}) {
    const auto epochs = static_cast<int>(scribe.stored(name).size(0));
    std::vector<double> rates;
    for (int epoch = 0; epoch < epochs; ++epoch)
      rates.push_back(rate_of(config, batch) * method::schedule_factor(config.optimiser.schedule, epoch, 1, epochs));
    scribe.output(name, at::tensor(rates));
  }
}

}  // namespace

void golden_parts(method::GoldenScribe& scribe) {
  run_scan(scribe);
  run_orders(scribe);
  run_ss2d(scribe);
  run_vss(scribe);
  run_schedules(scribe);
}

}  // namespace mien::methods::fer_yolo_mamba
