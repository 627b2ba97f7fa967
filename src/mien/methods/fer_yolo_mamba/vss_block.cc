// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fer_yolo_mamba/vss_block.h"

#include "mien/base/error.h"

namespace mien::methods::fer_yolo_mamba {
namespace {

torch::nn::Conv2d pointwise(std::int64_t in, std::int64_t out, bool bias) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 1).bias(bias));
}

}  // namespace

ChannelGateImpl::ChannelGateImpl(std::int64_t channels) {
  const std::int64_t hidden = std::max<std::int64_t>(channels / 16, 1);
  const auto plain = [](std::int64_t in, std::int64_t out) {
    return torch::nn::Linear(torch::nn::LinearOptions(in, out).bias(false));
  };
  fc = register_module("fc", torch::nn::Sequential(plain(channels, hidden), torch::nn::ReLU(), plain(hidden, hidden),
                                                   torch::nn::ReLU(), plain(hidden, channels), torch::nn::Sigmoid()));
}

at::Tensor ChannelGateImpl::gate(const at::Tensor& x) { return fc->forward(x.mean({2, 3})); }

at::Tensor ChannelGateImpl::run(const at::Tensor& x, at::Tensor* kept) {
  const at::Tensor g = gate(x);
  if (kept) *kept = g;
  return x * g.unsqueeze(-1).unsqueeze(-1);
}

VssBlockImpl::VssBlockImpl(const VssOptions& o) {
  const std::int64_t half = o.channels / 2, quarter = o.channels / 4;
  if (o.scan) {
    ln_1 = register_module("ln_1", torch::nn::LayerNorm(torch::nn::LayerNormOptions({half})));
    self_attention =
        register_module("self_attention", OmniScan(OmniScanOptions{half, o.directions, o.zero_order_hold}));
  }
  if (o.convolutions) {
    frm = register_module("frm", torch::nn::Sequential(pointwise(half, quarter, false), torch::nn::BatchNorm2d(quarter),
                                                       torch::nn::ReLU()));
    if (o.attention) {
      gate_ = ChannelGate(quarter);
      frm->push_back(gate_);
    } else {
      frm->push_back(torch::nn::Identity());  // keeps the numbers of the following layers
    }
    frm->push_back(pointwise(quarter, half, false));
    frm->push_back(torch::nn::BatchNorm2d(half));
  }
  finalconv11 = register_module("finalconv11", pointwise(o.channels, o.channels, true));
}

at::Tensor VssBlockImpl::left(const at::Tensor& x) { return left(x, nullptr); }
at::Tensor VssBlockImpl::right(const at::Tensor& x) { return right(x, nullptr); }

at::Tensor VssBlockImpl::left(const at::Tensor& x, VssEvidence* evidence) {
  const at::Tensor half = x.narrow(1, 0, x.size(1) / 2);
  if (frm.is_empty()) return half;
  if (!evidence || gate_.is_empty()) return frm->forward(half);
  at::Tensor y = frm[0]->as<torch::nn::Conv2d>()->forward(half);
  y = at::relu(frm[1]->as<torch::nn::BatchNorm2d>()->forward(y));
  y = gate_->run(y, &evidence->gate);
  y = frm[4]->as<torch::nn::Conv2d>()->forward(y);
  return frm[5]->as<torch::nn::BatchNorm2d>()->forward(y);
}

at::Tensor VssBlockImpl::scan_input(const at::Tensor& x) {
  const std::int64_t half = x.size(1) / 2;
  return ln_1->forward(x.narrow(1, half, half).permute({0, 2, 3, 1}));
}

at::Tensor VssBlockImpl::right(const at::Tensor& x, VssEvidence* evidence) {
  const std::int64_t half = x.size(1) / 2;
  const at::Tensor input = x.narrow(1, half, half);
  if (self_attention.is_empty()) return input;
  at::Tensor steps;
  const at::Tensor scanned = self_attention->run(scan_input(x), evidence ? &steps : nullptr);
  if (evidence) evidence->steps = steps.permute({0, 3, 1, 2});
  return input + scanned.permute({0, 3, 1, 2});
}

at::Tensor VssBlockImpl::gate(const at::Tensor& x) {
  if (gate_.is_empty()) fail_usage("This block has no channel attention.", "Use model.vss.attention = \"abmlp\".");
  at::Tensor y = x.narrow(1, 0, x.size(1) / 2);
  y = frm[0]->as<torch::nn::Conv2d>()->forward(y);
  y = frm[1]->as<torch::nn::BatchNorm2d>()->forward(y);
  return gate_->gate(at::relu(y));
}

at::Tensor VssBlockImpl::run(const at::Tensor& x, VssEvidence* evidence) {
  return finalconv11->forward(at::cat({left(x, evidence), right(x, evidence)}, 1)) + x;
}

}  // namespace mien::methods::fer_yolo_mamba
