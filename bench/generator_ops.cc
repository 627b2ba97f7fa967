// SPDX-License-Identifier: Apache-2.0
// Time of the operations of a style generator, each in two forms that give the same: modulated convolution with scaled
// maps against one set of weights per picture, and upfirdn2d by depthwise convolution against the textbook form (insert
// zeros, pad, convolve every plane). One line of JSON per case: milliseconds, least of the repetitions, in turns.
//   generator_ops [THREADS] [REPETITIONS]
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/nn/modulated_conv2d.h"
#include "mien/nn/torch.h"
#include "mien/nn/upfirdn2d.h"

namespace {

using mien::nn::Modulation;
using mien::nn::Resampling;

at::Tensor textbook_upfirdn2d(const at::Tensor& x, const at::Tensor& kernel, const Resampling& how) {
  const std::int64_t n = x.size(0), c = x.size(1), h = x.size(2), w = x.size(3);
  at::Tensor spread = at::constant_pad_nd(x.reshape({n * c, h, 1, w, 1}), {0, how.up - 1, 0, 0, 0, how.up - 1});
  spread = spread.reshape({n * c, 1, h * how.up, w * how.up});
  spread = at::constant_pad_nd(spread, {how.pad_before, how.pad_after, how.pad_before, how.pad_after});
  const at::Tensor y = at::conv2d(spread, kernel.flip({0, 1}).unsqueeze(0).unsqueeze(0));
  return y.slice(2, 0, {}, how.down).slice(3, 0, {}, how.down).reshape({n, c, -1, (y.size(3) - 1) / how.down + 1});
}

/// Least time of both, in turns, in milliseconds; forward pass and gradient with respect to `x`.
std::pair<double, double> times(const at::Tensor& x, int repetitions, const std::function<at::Tensor()>& ours,
                                const std::function<at::Tensor()>& other) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> least(2, 1e30);
  for (int i = -2; i < repetitions; ++i)  // two to warm up
    for (const bool first : {true, false}) {
      const auto begin = Clock::now();
      const at::Tensor y = first ? ours() : other();
      torch::autograd::grad({y.sum()}, {x});
      const double ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
      if (i >= 0) least[first ? 0 : 1] = std::min(least[first ? 0 : 1], ms);
    }
  return {least[0], least[1]};
}

void print(const std::string& name, const at::Tensor& x, std::pair<double, double> ms) {
  std::cout << mien::compact({{"operation", name},
                              {"shape", x.sizes().vec()},
                              {"ms", ms.first},
                              {"other_ms", ms.second},
                              {"ratio", ms.second / ms.first}})
            << std::endl;
}

void modulated(const std::vector<std::int64_t>& shape, std::int64_t out, bool upsample, int repetitions) {
  const at::Tensor x = torch::randn(shape).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_();
  const at::Tensor weight = torch::randn({out, shape[1], 3, 3}), style = torch::randn({shape[0], shape[1]});
  const auto run = [&](Modulation form) {
    return mien::nn::modulated_conv2d(x, weight, style, {true, upsample, form});
  };
  print(upsample ? "modulated, upsampling" : "modulated", x,
        times(
            x, repetitions, [&] { return run(Modulation::scaled_maps); },
            [&] { return run(Modulation::weights_per_picture); }));
}

void filtered(const std::string& name, const std::vector<std::int64_t>& shape, const Resampling& how, int repetitions) {
  const at::Tensor x = torch::randn(shape).requires_grad_(), kernel = mien::nn::fir_kernel();
  print(name, x,
        times(
            x, repetitions, [&] { return mien::nn::upfirdn2d(x, kernel, how); },
            [&] { return textbook_upfirdn2d(x, kernel, how); }));
}

}  // namespace

int main(int argc, char** argv) {
  at::set_num_threads(argc > 1 ? std::atoi(argv[1]) : 1);
  const int repetitions = argc > 2 ? std::atoi(argv[2]) : 10;
  modulated({16, 64, 16, 16}, 64, false, repetitions);
  modulated({16, 64, 16, 16}, 32, true, repetitions);
  modulated({16, 16, 64, 64}, 16, false, repetitions);
  modulated({4, 512, 32, 32}, 512, false, repetitions);
  filtered("blur", {16, 32, 33, 33}, {1, 1, 1, 1}, repetitions);
  filtered("downsample", {16, 16, 64, 64}, {1, 2, 1, 1}, repetitions);
  filtered("upsample", {16, 3, 32, 32}, {2, 1, 2, 1}, repetitions);
  filtered("upsample", {4, 128, 64, 64}, {2, 1, 2, 1}, repetitions);
  return 0;
}
